#include "engine/linear_systems.hpp"

#include <cmath>

#include "engine/field_halves.hpp"
#include "engine/round_off.hpp"
#include "engine/workspace.hpp"

namespace odeon::host {
namespace {

// Up to here a dense factorisation costs less than the products that GMRES needs; up to there it may.
constexpr Eigen::Index kDenseUnknowns = 512, kMostDenseUnknowns = 2048;
constexpr int64_t kDenseNumbers = int64_t{1} << 26;  // 512 MiB of Jacobians

}  // namespace

LinearSystems::LinearSystems(odeon_problem& problem)
    : p_(problem),
      rows_(std::max<int64_t>(1, problem.batch)),
      width_(problem.state_elements() / std::max<int64_t>(1, problem.parts * problem.batch)),
      unknowns_(width_ * problem.parts),
      dense_(false),
      may_be_dense_(unknowns_ <= kMostDenseUnknowns && rows_ * unknowns_ * unknowns_ <= kDenseNumbers) {
  for (odeon_tensor* x : {&y_, &f_, &u_, &image_}) *x = p_.work->make(p_.backend, p_.dtype, p_.state_shape);
  const Eigen::Index n = problem.state_elements();
  host_u_.setZero(n);
  host_image_.setZero(n);
  if (may_be_dense_ && unknowns_ <= kDenseUnknowns) become_dense();
}

void LinearSystems::become_dense() {
  dense_ = true;
  jacobians_.assign(size_t(rows_), Eigen::MatrixXd::Zero(unknowns_, unknowns_));
}

void LinearSystems::download(const odeon_tensor& from, Eigen::VectorXd& to) {
  to.resize(element_count(from));
  if (from.dtype == ODEON_F64) return p_.backend->download(to.data(), from.data, byte_count(from));
  single_.resize(size_t(to.size()));
  p_.backend->download(single_.data(), from.data, byte_count(from));
  for (Eigen::Index i = 0; i < to.size(); ++i) to(i) = double(single_[size_t(i)]);
}

void LinearSystems::upload(const odeon_tensor& to, const Eigen::VectorXd& from) {
  if (to.dtype == ODEON_F64) return p_.backend->upload(to.data, from.data(), byte_count(to));
  single_.resize(size_t(from.size()));
  for (Eigen::Index i = 0; i < from.size(); ++i) single_[size_t(i)] = float(from(i));
  p_.backend->upload(to.data, single_.data(), byte_count(to));
}

void LinearSystems::jvp(double t, const odeon_tensor& y, const odeon_tensor& u, const odeon_tensor& Ju) {
  const odeon_tensor* theta = p_.theta.data ? &p_.theta : nullptr;
  ++p_.counters->jvps;
  if (p_.halves) return p_.halves->jvp(t, y, u, Ju);
  if (p_.field && p_.field->jvp(t, y, theta, u, Ju)) return;
  // (f(y + d u) - f(y)) / d, with d from the sizes of y and u.
  Eigen::VectorXd v;
  download(u, v);
  const double length = v.norm();
  if (length == 0) return p_.backend->fill(Ju, 0);
  download(y, v);
  const double d = std::sqrt(unit_round_off(p_.dtype)) * std::max(v.norm(), 1e-6) / length;
  const double one[] = {1.0}, difference[] = {1 / d, -1 / d};
  p_.backend->lincomb(p_.work->stage, &y, d, one, {&u, 1});
  p_.rhs->eval(t, y, f_, nullptr);
  p_.rhs->eval(t, p_.work->stage, Ju, nullptr);
  const odeon_tensor terms[] = {Ju, f_};
  p_.backend->lincomb(Ju, nullptr, 1, difference, terms);
}

void LinearSystems::time_derivative(double t, const odeon_tensor& y, const odeon_tensor& ft) {
  const odeon_tensor* theta = p_.theta.data ? &p_.theta : nullptr;
  ++p_.counters->jvps;
  if (p_.field && p_.field->time_derivative(t, y, theta, ft)) return;
  const double d = std::cbrt(unit_round_off(ODEON_F64)) * std::max(std::abs(t), 1.0);
  const double difference[] = {1 / (2 * d), -1 / (2 * d)};
  p_.rhs->eval(t + d, y, ft, nullptr);
  p_.rhs->eval(t - d, y, f_, nullptr);
  const odeon_tensor terms[] = {ft, f_};
  p_.backend->lincomb(ft, nullptr, 1, difference, terms);
}

void LinearSystems::apply_jacobian(const Eigen::VectorXd& u, Eigen::VectorXd& Ju) {
  upload(u_, u);
  jvp(t_, y_, u_, image_);
  download(image_, Ju);
}

void LinearSystems::transposed_product(double t, const odeon_tensor& y, const odeon_tensor& v,
                                       const odeon_tensor& out) {
  odeon_vjp_args args{};
  args.struct_size = sizeof args;
  args.gy_mode = ODEON_WRITE_OVERWRITE;
  args.t = host_scalar(t);
  args.y = &y;
  args.theta = p_.theta.data ? &p_.theta : nullptr;
  args.v = &v;
  args.gy = &out;
  ++p_.counters->vjps;
  p_.field->vjp(args);
}

GmresLimits LinearSystems::exact_limits() const {
  return {.tolerance = 100 * unit_round_off(p_.dtype), .restart = 80, .most_iterations = 2000};
}

void LinearSystems::linearize(double t, const odeon_tensor& y) {
  t_ = t;
  ++jacobian_;
  ++p_.counters->jacobians;
  p_.backend->copy(y_, y);
  if (may_be_dense_ && !dense_ && products_ > unknowns_) become_dense();
  products_ = 0;
  if (dense_) form_jacobians();
}

void LinearSystems::form_jacobians() {
  for (Eigen::Index q = 0; q < unknowns_; ++q) {  // column q of every row at once
    host_u_.setZero();
    for (Eigen::Index r = 0; r < rows_; ++r) host_u_(at(r, q)) = 1;
    apply_jacobian(host_u_, host_image_);
    for (Eigen::Index r = 0; r < rows_; ++r)
      for (Eigen::Index i = 0; i < unknowns_; ++i) jacobians_[size_t(r)](i, q) = host_image_(at(r, i));
  }
}

template <class Scalar>
LinearSystems::Factors<Scalar>& LinearSystems::factors(std::vector<Factors<Scalar>>& slots, size_t slot,
                                                       Scalar g) {
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
  if (slots.size() <= slot) slots.resize(slot + 1);
  Factors<Scalar>& f = slots[slot];
  if (f.rows.empty()) {
    f.rows.assign(size_t(rows_), Eigen::PartialPivLU<Matrix>(unknowns_));
    f.rhs.resize(unknowns_);
    f.solution.resize(unknowns_);
  }
  if (f.g == g && f.of_jacobian == jacobian_) return f;
  ++p_.counters->factorizations;
  for (Eigen::Index row = 0; row < rows_; ++row)
    f.rows[size_t(row)].compute(Matrix::Identity(unknowns_, unknowns_) -
                                g * jacobians_[size_t(row)].template cast<Scalar>());
  f.g = g, f.of_jacobian = jacobian_;
  return f;
}

template <class Scalar>
bool LinearSystems::solve_dense(std::vector<Factors<Scalar>>& slots, size_t slot, Scalar g,
                                const Vector<Scalar>& r, Vector<Scalar>& x, bool transposed) {
  Factors<Scalar>& f = factors(slots, slot, g);
  ++p_.counters->linear_solves;
  for (Eigen::Index row = 0; row < rows_; ++row) {
    const auto& lu = f.rows[size_t(row)];
    for (Eigen::Index q = 0; q < unknowns_; ++q) f.rhs(q) = r(at(row, q));
    if (transposed)
      f.solution = lu.transpose().solve(f.rhs);
    else
      f.solution = lu.solve(f.rhs);
    for (Eigen::Index q = 0; q < unknowns_; ++q) x(at(row, q)) = f.solution(q);
  }
  return x.allFinite();
}

template <class Scalar>
bool LinearSystems::solve_krylov(Scalar g, const Vector<Scalar>& r, Vector<Scalar>& x, double tolerance) {
  ++p_.counters->linear_solves;
  Eigen::VectorXd part(r.size());
  Vector<Scalar> image(r.size()), solution(r.size());
  const auto apply = [&](const Vector<Scalar>& v, Vector<Scalar>& out) {
    apply_jacobian(v.real(), part);
    image.real() = part;
    if constexpr (!std::is_same_v<Scalar, double>) {
      apply_jacobian(v.imag(), part);
      image.imag() = part;
    }
    products_ += std::is_same_v<Scalar, double> ? 1 : 2;
    out = v - g * image;
  };
  if (!gmres<Scalar>(apply, r, solution, {.tolerance = tolerance})) return false;
  x = solution;
  return true;
}

template <class Scalar>
bool LinearSystems::solve_any(std::vector<Factors<Scalar>>& slots, size_t slot, Scalar g,
                              const Vector<Scalar>& r, Vector<Scalar>& x, double tolerance) {
  if (!dense_) {
    if (solve_krylov(g, r, x, tolerance)) return true;
    if (!may_be_dense_) return false;
    become_dense();
    form_jacobians();
  }
  x.resize(r.size());
  return solve_dense(slots, slot, g, r, x);
}

bool LinearSystems::solve_transposed(double g, const Eigen::VectorXd& r, Eigen::VectorXd& x) {
  if (dense_) {
    x.resize(r.size());
    return solve_dense(real_, 0, g, r, x, true);
  }
  ++p_.counters->linear_solves;
  Eigen::VectorXd product, solution;
  const auto apply = [&](const Eigen::VectorXd& v, Eigen::VectorXd& out) {
    upload(u_, v);
    transposed_product(t_, y_, u_, image_);
    download(image_, product);
    out = v - g * product;
  };
  if (gmres<double>(apply, r, solution, exact_limits())) {
    x = solution;
    return true;
  }
  if (!may_be_dense_) return false;
  become_dense();
  form_jacobians();
  x.resize(r.size());
  return solve_dense(real_, 0, g, r, x, true);
}

bool LinearSystems::solve(size_t slot, double g, const Eigen::VectorXd& r, Eigen::VectorXd& x,
                          double tolerance) {
  return solve_any(real_, slot, g, r, x, tolerance);
}

bool LinearSystems::solve(size_t slot, std::complex<double> g, const Eigen::VectorXcd& r, Eigen::VectorXcd& x,
                          double tolerance) {
  return solve_any(complex_, slot, g, r, x, tolerance);
}

}  // namespace odeon::host
