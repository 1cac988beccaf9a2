#include "engine/implicit_stepper.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/field_halves.hpp"
#include "engine/round_off.hpp"

namespace odeon::host {
namespace {

constexpr const char* kNoConvergence = "Newton's iteration for the stages did not converge";
constexpr const char* kSingular = "the linear system of the stages could not be solved";
constexpr const char* kNotFinite = "the field gave non-finite values";
constexpr double kLinearTolerance = 1e-4;  // of GMRES inside Newton's iteration
constexpr double kFilterTolerance = 1e-2;
// A Jacobian from a fast change can be so large that updates vanish instead of growing, and no ratio of them
// tells: none is kept for more steps, or for much longer steps, than it was made for.
constexpr int kOldest = 50;
constexpr double kLongest = 4;

// Above this ratio of updates a new Jacobian pays (Hairer and Wanner's thet), which is cheap for small
// systems and free without a matrix.
double slow_ratio(const odeon_problem& p, const LinearSystems& systems) {
  constexpr Eigen::Index kSmall = 16;
  if (!systems.dense()) return 0;
  return !p.solver.settings.steps_are_chosen() || systems.unknowns() > kSmall ? 0.1 : 1e-3;
}

// Under step control as far as the error estimate can see; on given steps to round-off.
NewtonLimits newton_limits(const odeon_problem& p) {
  const SolverSettings& s = p.solver.settings;
  const double rtol = std::max(*std::min_element(s.rtol.begin(), s.rtol.end()), 1e-15),
               epsilon = unit_round_off(p.dtype);
  const double noise = 10 * epsilon / rtol;
  if (!s.steps_are_chosen()) return {noise / 100, 1000 * noise, 50, 1e-3};
  // The errors of stages that are solved one after the other add up.
  if (p.solver.method->diagonal()) return {std::max(noise, 1e-3), noise, 10, 1e-2};
  return {std::max(noise, std::min(0.03, std::sqrt(rtol))), noise, 10};
}

}  // namespace

ImplicitStepper::ImplicitStepper(odeon_problem& problem)
    : TableauStepper(problem),
      systems_(problem),
      spectrum_(m_),
      guess_(m_),
      monitor_(newton_limits(problem)),
      control_(problem.solver.settings, problem.solver.error_order(),
               newton_limits(problem).most_iterations) {
  for (odeon_tensor* x : {&z_, &base_, &f_, &update_}) *x = w_.make(p_.backend, p_.dtype, p_.state_shape);
  const Eigen::Index n = p_.state_elements(), coupled = spectrum_.a.rows();
  for (Eigen::MatrixXd* x : {&block_z_, &block_f_, &block_r_, &before_}) x->setZero(n, coupled);
}

void ImplicitStepper::begin(double t, double t_end) {
  TableauStepper::begin(t, t_end);
  control_.begin();
  have_jacobian_ = refused_ = false;
  h_before_ = tried_h_ = 0;
}

Trial ImplicitStepper::attempt(double t, double h, bool want_error) {
  t_ = t, h_ = h;
  if (m_.first_explicit()) need_begin_derivative();
  if (tried_h_ != 0) monitor_.stretch(std::abs(h / tried_h_));
  tried_h_ = h;
  if (!converge(want_error))
    return {h, std::numeric_limits<double>::quiet_NaN(), control_.after_failure(h, monitor_.theta()),
            failure_};
  math_.combine(y1(), &y(), h, m_.b(), w_.k);
  if (p_.quadratures > 0) evaluate_integrands();
  // y1 of an additive step is no stage's argument.
  end_derivative_ = m_.fsal() && !p_.halves ? static_cast<int32_t>(stages_) - 1 : -1;
  convergence_.fresh_jacobian = jacobian_is_fresh_;
  convergence_.keeps_jacobian = have_jacobian_ && convergence_.theta < slow_ratio(p_, systems_);
  if (!want_error) return {h, 0, 0, nullptr};
  const double error = error_of_step(), next = control_.after_step(h, error, convergence_);
  refused_ = !(error <= 1);
  return {h, error, p_.solver.settings.predictive ? next : 0, nullptr};
}

// All k, with a new Jacobian where the old one does not do. A fixed step cannot become smaller: there
// Newton's own iteration, with a Jacobian each time, reaches further.
bool ImplicitStepper::converge(bool may_shrink) {
  if (!jacobian_is_fresh_ && (jacobian_age_ >= kOldest || std::abs(h_) > kLongest * std::abs(jacobian_h_)))
    have_jacobian_ = false;
  bool solved = false;
  for (;;) {
    need_jacobian();
    failure_ = nullptr;
    solved = solve_stages();
    const bool last = jacobian_is_fresh_ && (may_shrink || full_newton_);
    if (solved || last) break;
    if (jacobian_is_fresh_) set_full_newton(true);
    have_jacobian_ = false;
  }
  if (full_newton_) set_full_newton(false);
  return solved;
}

void ImplicitStepper::need_jacobian() {
  if (have_jacobian_) return;
  systems_.linearize(t_, y());
  have_jacobian_ = jacobian_is_fresh_ = true;
  jacobian_h_ = h_;
  jacobian_age_ = 0;
  monitor_.forget();
}

bool ImplicitStepper::solve_stages() {
  convergence_ = {};
  if (!m_.diagonal()) return solve_block();
  for (size_t i = m_.first_explicit() ? 1 : 0; i < stages_; ++i)
    if (!solve_stage(i)) return false;
  return true;
}

void ImplicitStepper::set_full_newton(bool full) {
  full_newton_ = full;
  monitor_.set_patient(full);
  have_jacobian_ = false;
}

// Two iterations are needed to measure theta at all, so they say nothing against the Jacobian.
void ImplicitStepper::note_convergence() {
  convergence_.iterations = std::max(convergence_.iterations, monitor_.iterations());
  if (monitor_.iterations() > 2) convergence_.theta = std::max(convergence_.theta, monitor_.theta());
}

void ImplicitStepper::base_of(size_t i, size_t count) {
  const int n = static_cast<int>(i);
  math_.combine(base_, &y(), h_, m_.a_row(n).first(count), w_.k);
  if (p_.halves) math_.combine(base_, &base_, h_, m_.split_row(n).first(count), w_.k_explicit);
}

void ImplicitStepper::eval_solved(double t, const odeon_tensor& at, const odeon_tensor& dy) {
  if (p_.halves) return p_.halves->eval_implicit(t, at, dy);
  p_.rhs->eval(t, at, dy, nullptr);
}

void ImplicitStepper::combine_solved(const odeon_tensor& z, double g, std::span<const double> weights,
                                     size_t first) {
  math_.combine(z, nullptr, g, weights, std::span(w_.k).subspan(first));
  if (p_.halves) math_.combine(z, &z, -g, weights, std::span(w_.k_explicit).subspan(first));
}

// z of stage i from the derivatives that are known.
void ImplicitStepper::guess_stage(size_t i, double g) {
  const double one[] = {1.0};
  if (i > 0)
    combine_solved(z_, g, guess_.weights[i], 0);
  else if (h_before_ != 0 || have_begin_)
    combine_solved(z_, g, one, have_begin_ ? begin_index_ : stages_ - 1);
  else
    p_.backend->fill(z_, 0);
}

// z = h a_ii f(t_i, base + z) with k_i = z / (h a_ii): not f(base + z), whose error is that of z times J.
bool ImplicitStepper::solve_stage(size_t i) {
  const int n = static_cast<int>(i);
  const double t = t_ + m_.c(n) * h_, g = h_ * m_.a(n, n), one[] = {1.0};
  base_of(i, i);
  if (g == 0) {
    eval(t, base_, i);
    return true;
  }
  guess_stage(i, g);
  monitor_.begin();
  for (NewtonMonitor::State state = NewtonMonitor::State::going; state != NewtonMonitor::State::converged;) {
    math_.combine(w_.stage, &base_, 1, one, {&z_, 1});
    if (full_newton_) systems_.linearize(t, w_.stage);
    eval_solved(t, w_.stage, f_);
    const double weights[] = {g, -1};
    const odeon_tensor terms[] = {f_, z_};
    p_.backend->lincomb(update_, nullptr, 1, weights, terms);
    systems_.download(update_, residual_);
    if (!systems_.solve(0, g, residual_, correction_, kLinearTolerance))
      return failure_ = residual_.allFinite() ? kSingular : kNotFinite, false;
    systems_.upload(update_, correction_);
    math_.combine(z_, &z_, 1, one, {&update_, 1});
    state = monitor_.next(math_.scaled_norm(1, one, {&update_, 1}, y(), nullptr));
    if (state == NewtonMonitor::State::diverged) return failure_ = kNoConvergence, false;
  }
  note_convergence();
  math_.combine(w_.k[i], nullptr, 1 / g, one, {&z_, 1});
  if (p_.halves) {
    math_.combine(w_.stage, &base_, 1, one, {&z_, 1});
    add_explicit_half(t, w_.stage, i);
  }
  return true;
}

// Z from the polynomial through the stages of the step before.
void ImplicitStepper::guess_block() {
  block_z_.setZero();
  if (h_before_ == 0) return;
  for (Eigen::Index i = 0; i < before_.cols(); ++i) {
    const double x = 1 + h_ / h_before_ * m_.c(static_cast<int>(spectrum_.first) + int(i));
    for (Eigen::Index j = 0; j < before_.cols(); ++j)
      block_z_.col(i) += h_before_ * (guess_.integral(j, x) - guess_.integral(j, 1)) * before_.col(j);
  }
}

// Z = h A F(Z) over all coupled stages; then k = A^-1 Z / h.
bool ImplicitStepper::solve_block() {
  guess_block();
  const size_t first = spectrum_.first;
  const double one[] = {1.0};
  monitor_.begin();
  for (NewtonMonitor::State state = NewtonMonitor::State::going; state != NewtonMonitor::State::converged;) {
    for (Eigen::Index i = 0; i < block_z_.cols(); ++i) {
      const size_t stage = first + size_t(i);
      residual_ = block_z_.col(i);
      systems_.upload(z_, residual_);
      base_of(stage, first);
      math_.combine(w_.stage, &base_, 1, one, {&z_, 1});
      p_.rhs->eval(t_ + m_.c(static_cast<int>(stage)) * h_, w_.stage, f_, nullptr);
      systems_.download(f_, residual_);
      block_f_.col(i) = residual_;
    }
    if (full_newton_) systems_.linearize(t_ + h_, w_.stage);
    block_r_ =
        block_f_.lazyProduct(spectrum_.a.transpose());  // few stages, so no blocked product with its buffers
    block_r_ = h_ * block_r_ - block_z_;
    if (!block_r_.allFinite()) return failure_ = kNotFinite, false;
    if (!update_block()) return failure_ = kSingular, false;
    double norm = 0;
    for (Eigen::Index i = 0; i < block_r_.cols(); ++i) {
      residual_ = block_r_.col(i);
      systems_.upload(update_, residual_);
      const double of_stage = math_.scaled_norm(1, one, {&update_, 1}, y(), nullptr);
      norm = std::isnan(of_stage) ? of_stage : std::max(norm, of_stage);
    }
    block_z_ += block_r_;
    state = monitor_.next(norm);
    if (state == NewtonMonitor::State::diverged) return failure_ = kNoConvergence, false;
  }
  note_convergence();
  block_f_ = block_z_.lazyProduct(spectrum_.a_inverse.transpose());
  block_f_ /= h_;
  for (Eigen::Index i = 0; i < block_f_.cols(); ++i) {
    residual_ = block_f_.col(i);
    systems_.upload(w_.k[first + size_t(i)], residual_);
  }
  return true;
}

// The residual becomes the update: mode by mode. Column by column, since Eigen's products with real parts of
// complex vectors allocate.
bool ImplicitStepper::update_block() {
  block_f_.setZero();  // free until the next evaluation
  size_t slot = 0;
  for (const StageSpectrum::Mode& mode : spectrum_.modes) {
    if (mode.real()) {
      residual_.setZero(block_r_.rows());
      for (Eigen::Index i = 0; i < block_r_.cols(); ++i) residual_ += mode.to(i).real() * block_r_.col(i);
      if (!systems_.solve(0, h_ * mode.eigenvalue.real(), residual_, correction_, kLinearTolerance))
        return false;
      for (Eigen::Index i = 0; i < block_f_.cols(); ++i) block_f_.col(i) += mode.from(i).real() * correction_;
      continue;
    }
    complex_residual_.setZero(block_r_.rows());
    for (Eigen::Index i = 0; i < block_r_.cols(); ++i) complex_residual_ += mode.to(i) * block_r_.col(i);
    if (!systems_.solve(slot++, h_ * mode.eigenvalue, complex_residual_, complex_correction_,
                        kLinearTolerance))
      return false;
    for (Eigen::Index i = 0; i < block_f_.cols(); ++i)
      block_f_.col(i) += 2 * (complex_correction_ * mode.from(i)).real();
  }
  block_r_.swap(block_f_);
  return true;
}

// The estimate, damped by (I - h g J)^-1 where the embedded solution would let stiff parts grow (L. F.
// Shampine; Hairer and Wanner II, IV.8). At the first step and after a rejection it may still be far too
// large; there f(t0, y0 + the estimate) in place of f(t0, y0) damps it once more (8.20).
double ImplicitStepper::error_of_step() {
  if (!m_.estimate_needs_filter()) return math_.error_of_step(h_);
  const double one[] = {1.0}, minus[] = {-1.0};
  const std::span<const double> e = m_.error_weights();
  math_.combine(update_, nullptr, h_, e, w_.k);
  double error = filtered_norm();
  if (error > 1 && m_.first_explicit() && e[0] != 0 && (h_before_ == 0 || refused_)) {
    math_.combine(w_.stage, &y(), 1, minus, {&update_, 1});
    p_.rhs->eval(t_, w_.stage, f_, nullptr);
    math_.combine(update_, nullptr, h_, e.subspan(1), std::span(w_.k).subspan(1));
    math_.combine(update_, &update_, h_ * e[0], one, {&f_, 1});
    error = filtered_norm();
  }
  const double q = math_.error_of_quadrature(h_);
  return std::isnan(q) || q > error ? q : error;
}

// update_ becomes (I - h g J)^-1 update_.
double ImplicitStepper::filtered_norm() {
  const double one[] = {1.0};
  systems_.download(update_, residual_);
  if (!systems_.solve(0, h_ * spectrum_.real_eigenvalue, residual_, correction_, kFilterTolerance))
    return std::numeric_limits<double>::quiet_NaN();
  systems_.upload(update_, correction_);
  return math_.scaled_norm(1, one, {&update_, 1}, y(), &y1());
}

// At the stages' arguments, which Newton's iteration left only as sums.
void ImplicitStepper::evaluate_integrands() {
  for (size_t i = m_.first_explicit() ? 1 : 0; i < stages_; ++i) {
    if (!w_.q_needed[i]) continue;
    math_.combine(w_.stage, &y(), h_, m_.row(static_cast<int>(i)), w_.k);
    p_.rhs->eval(t_ + m_.c(static_cast<int>(i)) * h_, w_.stage, f_, &w_.q[i]);
  }
}

void ImplicitStepper::advance() {
  for (Eigen::Index i = 0; i < before_.cols(); ++i) {
    systems_.download(w_.k[spectrum_.first + size_t(i)], residual_);
    before_.col(i) = residual_;
  }
  h_before_ = h_;
  jacobian_is_fresh_ = refused_ = false;
  ++jacobian_age_;
  have_jacobian_ = convergence_.keeps_jacobian;
  TableauStepper::advance();
}

}  // namespace odeon::host
