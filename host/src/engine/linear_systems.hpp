// Linear systems (I - g J) x = r with J = df/dy of a problem's right-hand side (for additive steps of its
// implicit half), for Newton's iteration and for linearly implicit methods. Rows of the batch are
// independent: each has its own J and its own factors. Small rows get dense LU, large ones GMRES with
// products J u. All numbers here are doubles in host memory.
#pragma once
#include <Eigen/Dense>
#include <complex>

#include "engine/krylov.hpp"
#include "engine/problem.hpp"

namespace odeon::host {

class LinearSystems {
 public:
  explicit LinearSystems(odeon_problem& problem);

  // Keeps J at (t, y) until the next call.
  void linearize(double t, const odeon_tensor& y);
  // x = (I - g J)^-1 r; x may be r. Factors are kept per slot until its g or J changes; slots count from 0.
  // False where the system is singular or GMRES did not come to the tolerance (relative, of the residual).
  bool solve(size_t slot, double g, const Eigen::VectorXd& r, Eigen::VectorXd& x, double tolerance);
  bool solve(size_t slot, std::complex<double> g, const Eigen::VectorXcd& r, Eigen::VectorXcd& x,
             double tolerance);

  // x = (I - g J)^-T r to round-off, with the factors of slot 0; x may be r.
  bool solve_transposed(double g, const Eigen::VectorXd& r, Eigen::VectorXd& x);
  // Of GMRES with transposed products, as far as their own rounding allows.
  GmresLimits exact_limits() const;
  // out = J(t, y)^T v, counted as a vjp.
  void transposed_product(double t, const odeon_tensor& y, const odeon_tensor& v, const odeon_tensor& out);

  // Ju = J(t, y) u: by the field's graph, or by differences.
  void jvp(double t, const odeon_tensor& y, const odeon_tensor& u, const odeon_tensor& Ju);
  // df/dt at (t, y).
  void time_derivative(double t, const odeon_tensor& y, const odeon_tensor& ft);

  bool dense() const { return dense_; }
  Eigen::Index unknowns() const { return unknowns_; }  // of a row of the batch
  const Eigen::MatrixXd& jacobian(Eigen::Index row) const { return jacobians_[size_t(row)]; }  // where dense
  // Index of unknown q of row r: parts lie behind each other.
  Eigen::Index at(Eigen::Index row, Eigen::Index q) const {
    return q / width_ * rows_ * width_ + row * width_ + q % width_;
  }

  void download(const odeon_tensor& from, Eigen::VectorXd& to);
  void upload(const odeon_tensor& to, const Eigen::VectorXd& from);

 private:
  template <class Scalar>
  struct Factors {
    Scalar g{};
    int64_t of_jacobian = -1;                                // which linearisation they belong to
    Eigen::Matrix<Scalar, Eigen::Dynamic, 1> rhs, solution;  // of one row; scratch
    std::vector<Eigen::PartialPivLU<Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>>> rows;
  };
  template <class Scalar>
  using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

  void form_jacobians();
  void become_dense();
  template <class Scalar>
  bool solve_any(std::vector<Factors<Scalar>>& slots, size_t slot, Scalar g, const Vector<Scalar>& r,
                 Vector<Scalar>& x, double tolerance);
  template <class Scalar>
  bool solve_krylov(Scalar g, const Vector<Scalar>& r, Vector<Scalar>& x, double tolerance);
  template <class Scalar>
  Factors<Scalar>& factors(std::vector<Factors<Scalar>>& slots, size_t slot, Scalar g);
  template <class Scalar>
  bool solve_dense(std::vector<Factors<Scalar>>& slots, size_t slot, Scalar g, const Vector<Scalar>& r,
                   Vector<Scalar>& x, bool transposed = false);
  void apply_jacobian(const Eigen::VectorXd& u, Eigen::VectorXd& Ju);

  odeon_problem& p_;
  Eigen::Index rows_, width_, unknowns_;  // rows of the batch, elements of a part's row, unknowns of a row
  bool dense_, may_be_dense_;
  int64_t products_ = 0;  // J u of GMRES since the last linearisation
  double t_ = 0;
  int64_t jacobian_ = 0;  // counts linearisations
  odeon_tensor y_{}, f_{}, u_{}, image_{};
  Eigen::VectorXd host_u_, host_image_;
  std::vector<Eigen::MatrixXd> jacobians_;  // by row
  std::vector<Factors<double>> real_;
  std::vector<Factors<std::complex<double>>> complex_;
  std::vector<float> single_;  // staging of float32
};

}  // namespace odeon::host
