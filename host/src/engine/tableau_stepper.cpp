#include "engine/tableau_stepper.hpp"

#include "engine/field_halves.hpp"
#include "engine/initial_step.hpp"
#include "engine/kept_evaluations.hpp"

namespace odeon::host {

TableauStepper::TableauStepper(odeon_problem& problem)
    : p_(problem),
      w_(*problem.work),
      m_(*problem.solver.method),
      math_(problem),
      stages_(static_cast<size_t>(m_.stages())),
      begin_index_(m_.first_explicit() ? 0 : stages_ + 1),
      dense_(dense_of(problem)) {}

void TableauStepper::begin(double t, double) {
  t_ = t;
  have_begin_ = from_before_ = false;
}

void TableauStepper::begin_at(double t) {
  begin(t, t);
  need_begin_derivative();
}

double TableauStepper::first_step(double direction) {
  need_begin_derivative();
  // k[stages] is free before the first step.
  return initial_step(p_, math_, {t_, direction, m_.order()}, w_.k[begin_index_], w_.k[stages_]);
}

void TableauStepper::eval(double t, const odeon_tensor& at, size_t stage) {
  if (p_.halves) {
    p_.halves->eval_implicit(t, at, w_.k[stage]);
    return add_explicit_half(t, at, stage);
  }
  if (p_.keeping) return p_.keeping->eval(t, at, w_.k[stage], stage);
  const bool wants_q = p_.quadratures > 0 && w_.q_needed[stage];
  p_.rhs->eval(t, at, w_.k[stage], wants_q ? &w_.q[stage] : nullptr);
}

void TableauStepper::add_explicit_half(double t, const odeon_tensor& at, size_t stage) {
  const double one[] = {1.0};
  p_.halves->eval_explicit(t, at, w_.k_explicit[stage]);
  math_.combine(w_.k[stage], &w_.k[stage], 1, one, {&w_.k_explicit[stage], 1});
}

void TableauStepper::need_begin_derivative() {
  if (!have_begin_) eval(t_, y(), begin_index_);
  have_begin_ = true;
}

void TableauStepper::prepare_interpolation() {
  if (dense_ != Dense::hermite) return;
  need_begin_derivative();
  if (end_derivative_ >= 0) return;
  eval(t_ + h_, y1(), stages_);
  end_derivative_ = static_cast<int32_t>(stages_);
}

std::span<const double> TableauStepper::dense_weights(double x, bool derivative) {
  const std::span<double> w{w_.weights.data(), w_.k.size()};
  m_.weights(dense_, x, derivative, w, begin_index_, static_cast<size_t>(std::max(end_derivative_, 0)));
  return w;
}

void TableauStepper::interpolate(double x, const odeon_tensor& out) {
  math_.combine(out, &y(), h_, dense_weights(x), w_.k);
}

bool TableauStepper::interpolate_slope(double x, const odeon_tensor& out) {
  math_.combine(out, nullptr, 1, dense_weights(x, true), w_.k);
  return true;
}

// A whole step with b, a part of it with the dense weights.
void TableauStepper::add_quadrature(double x, const odeon_tensor& total) {
  math_.combine(total, &total, h_, x == 1 ? m_.b() : dense_weights(x), w_.q);
}

void TableauStepper::describe(odeon_step_record& r) {
  r.n_k = static_cast<int32_t>(stages_) + (end_derivative_ == static_cast<int32_t>(stages_) ? 1 : 0);
  if (have_begin_ && begin_index_ > stages_) r.n_k = static_cast<int32_t>(begin_index_) + 1;
  r.begin_derivative = have_begin_ ? static_cast<int32_t>(begin_index_) : -1;
  r.first_same_as_last = from_before_;
  r.end_derivative = end_derivative_;
  r.k = w_.k.data();
  r.residuals = p_.keeping ? p_.keeping->of_stages().data() : nullptr;
}

void TableauStepper::advance() {
  std::swap(w_.y[0], w_.y[1]);
  have_begin_ = from_before_ = end_derivative_ >= 0;
  if (!have_begin_) return;
  const size_t last = static_cast<size_t>(end_derivative_);
  std::swap(w_.k[begin_index_], w_.k[last]);
  if (p_.quadratures > 0) std::swap(w_.q[begin_index_], w_.q[last]);
  if (p_.keeping) std::swap(p_.keeping->of_stages()[begin_index_], p_.keeping->of_stages()[last]);
  if (p_.halves) std::swap(w_.k_explicit[begin_index_], w_.k_explicit[last]);
}

}  // namespace odeon::host
