#include "engine/stage_cotangents.hpp"

#include "data/error.hpp"
#include "engine/linear_systems.hpp"
#include "engine/step_arithmetic.hpp"
#include "engine/workspace.hpp"

namespace odeon::host {
namespace {

class StageCotangents {
 public:
  StageCotangents(odeon_problem& problem, const odeon_stage_cotangents_args& args)
      : p_(problem),
        m_(*problem.solver.method),
        a_(args),
        math_(problem),
        stages_(size_t(m_.stages())),
        products_(stages_) {
    if (!p_.transposed) p_.transposed = std::make_unique<LinearSystems>(p_);
    for (DeviceTensor* x : {&y_, &v_, &product_}) *x = DeviceTensor(p_.backend, p_.dtype, p_.state_shape);
  }

  void solve() {
    if (m_.diagonal()) {
      for (size_t i = stages_; i-- > 0;) solve_one(i);
      return;
    }
    solve_coupled();
    if (m_.first_explicit()) solve_one(0);
  }

 private:
  LinearSystems& systems() { return *p_.transposed; }
  double time(size_t i) const { return a_.t0 + m_.c(int(i)) * a_.h; }

  // Y_i
  const odeon_tensor& argument(size_t i) {
    math_.combine(y_.view, a_.y0, a_.h, m_.row(int(i)), {a_.k, stages_});
    return y_.view;
  }

  // out = J_i^T v
  void transposed_product(size_t i, const odeon_tensor& v, const odeon_tensor& out) {
    systems().transposed_product(time(i), argument(i), v, out);
  }
  const Eigen::VectorXd& product(size_t i) {  // J_i^T kappa_i, of a stage that is done
    if (products_[i].size() == 0) {
      transposed_product(i, a_.kappa[i], product_.view);
      systems().download(product_.view, products_[i]);
    }
    return products_[i];
  }

  // Of a stage behind which all others are done.
  void solve_one(size_t i) {
    systems().download(a_.r[i], right_);
    for (size_t j = i + 1; j < stages_; ++j)
      if (m_.a(int(j), int(i)) != 0) right_ += a_.h * m_.a(int(j), int(i)) * product(j);
    const double g = a_.h * m_.a(int(i), int(i));
    if (g != 0 && right_.squaredNorm() > 0) {
      systems().linearize(time(i), argument(i));
      if (!systems().solve_transposed(g, right_, right_)) fail();
    }
    systems().upload(a_.kappa[i], right_);
  }

  [[noreturn]] static void fail() {
    throw RunError("the transposed system of a step's stages could not be solved; use gradient adjoint");
  }

  // All stages behind an explicit first one at once: unknown q of stage first + j is entry (j, q).
  void solve_coupled() {
    const size_t first = m_.first_explicit() ? 1 : 0, coupled = stages_ - first;
    const Eigen::Index n = p_.state_elements();
    Eigen::VectorXd r(n * Eigen::Index(coupled)), x;
    for (size_t j = 0; j < coupled; ++j) {
      systems().download(a_.r[first + j], right_);
      r.segment(Eigen::Index(j) * n, n) = right_;
    }
    if (systems().dense() ? !solve_dense(first, r, x) : !solve_krylov(first, r, x)) fail();
    for (size_t j = 0; j < coupled; ++j) {
      right_ = x.segment(Eigen::Index(j) * n, n);
      systems().upload(a_.kappa[first + j], right_);
    }
  }

  bool solve_dense(size_t first, const Eigen::VectorXd& r, Eigen::VectorXd& x) {
    const Eigen::Index coupled = Eigen::Index(stages_ - first), n = p_.state_elements(),
                       u = systems().unknowns(), rows = n / u;
    std::vector<Eigen::MatrixXd> system(size_t(rows), Eigen::MatrixXd::Identity(coupled * u, coupled * u));
    for (Eigen::Index j = 0; j < coupled; ++j) {
      const size_t stage = first + size_t(j);
      systems().linearize(time(stage), argument(stage));
      for (Eigen::Index row = 0; row < rows; ++row)
        for (Eigen::Index i = 0; i < coupled; ++i)
          system[size_t(row)].block(i * u, j * u, u, u) -=
              a_.h * m_.a(int(stage), int(first) + int(i)) * systems().jacobian(row).transpose();
    }
    x.resize(r.size());
    Eigen::VectorXd of_row(coupled * u);
    for (Eigen::Index row = 0; row < rows; ++row) {
      const auto at = [&](Eigen::Index e) { return e / u * n + systems().at(row, e % u); };
      for (Eigen::Index e = 0; e < of_row.size(); ++e) of_row(e) = r(at(e));
      of_row = system[size_t(row)].partialPivLu().solve(of_row).eval();
      for (Eigen::Index e = 0; e < of_row.size(); ++e) x(at(e)) = of_row(e);
    }
    return x.allFinite();
  }

  bool solve_krylov(size_t first, const Eigen::VectorXd& r, Eigen::VectorXd& x) {
    const Eigen::Index coupled = Eigen::Index(stages_ - first), n = p_.state_elements();
    Eigen::VectorXd part;
    const auto apply = [&](const Eigen::VectorXd& kappa, Eigen::VectorXd& out) {
      out = kappa;
      for (Eigen::Index j = 0; j < coupled; ++j) {
        part = kappa.segment(j * n, n);
        systems().upload(v_.view, part);
        transposed_product(first + size_t(j), v_.view, product_.view);
        systems().download(product_.view, part);
        for (Eigen::Index i = 0; i < coupled; ++i)
          out.segment(i * n, n) -= a_.h * m_.a(int(first) + int(j), int(first) + int(i)) * part;
      }
    };
    return gmres<double>(apply, r, x, systems().exact_limits());
  }

  odeon_problem& p_;
  const Method& m_;
  const odeon_stage_cotangents_args& a_;
  StepArithmetic math_;
  size_t stages_;
  std::vector<Eigen::VectorXd> products_;
  DeviceTensor y_, v_, product_;
  Eigen::VectorXd right_;
};

}  // namespace

void solve_stage_cotangents(odeon_problem& problem, const odeon_stage_cotangents_args& args) {
  StageCotangents(problem, args).solve();
}

}  // namespace odeon::host
