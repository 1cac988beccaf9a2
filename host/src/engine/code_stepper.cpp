#include "engine/code_stepper.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/error.hpp"
#include "engine/dominant_eigenvalue.hpp"
#include "engine/gauss_legendre.hpp"
#include "engine/initial_step.hpp"
#include "engine/round_off.hpp"
#include "engine/second_order.hpp"
#include "engine/services_edge.hpp"
#include "engine/trace.hpp"
#include "engine/workspace.hpp"
#include "loader/registry.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

// Entries of k: derivatives at the ends of the step, and scratch.
enum : size_t { kBegin, kEnd, kScratch };

// Of GMRES, relative to the right-hand side: linearly implicit methods iterate no further.
double linear_tolerance(const odeon_problem& p) {
  const std::vector<double>& rtol = p.solver.settings.rtol;
  const double products = 10 * unit_round_off(p.dtype);
  return std::max(products, std::min(1e-4, 1e-3 * *std::min_element(rtol.begin(), rtol.end())));
}

}  // namespace

// The C functions behind odeon_solver_problem_api; self is the stepper.
struct CodeStepper::Services {
  static CodeStepper& of(odeon_solver_problem* p) { return *reinterpret_cast<CodeStepper*>(p); }

  static odeon_status eval(odeon_solver_problem* p, odeon_scalar t, const odeon_tensor* y,
                           const odeon_tensor* dy) {
    return services_edge([&] { of(p).eval(t.value, *y, *dy); });
  }
  static odeon_status scaled_norm(odeon_solver_problem* p, const odeon_tensor* x, const odeon_tensor* a,
                                  const odeon_tensor* b, double* norm) {
    const double one[] = {1.0};
    return services_edge([&] { *norm = of(p).math_.scaled_norm(1, one, {x, 1}, *a, b); });
  }
  static odeon_status linearize(odeon_solver_problem* p, double t, const odeon_tensor* y) {
    return services_edge([&] {
      of(p).systems().linearize(t, *y);
      if (of(p).trace_) of(p).trace_->linearized(t, *y);
    });
  }
  static odeon_status solve_shifted(odeon_solver_problem* p, double g, const odeon_tensor* r,
                                    const odeon_tensor* x) {
    CodeStepper& s = of(p);
    bool solved = false;
    const odeon_status status = services_edge([&] {
      s.systems().download(*r, s.residual_);
      solved = s.systems().solve(0, g, s.residual_, s.solution_, linear_tolerance(s.p_));
      if (!solved) return;
      s.systems().upload(*x, s.solution_);
      if (s.trace_) s.trace_->solved(g, *r, *x);
    });
    if (status != ODEON_OK || solved) return status;
    host_table().set_error(&host_table(),
                           to_str(s.residual_.allFinite() ? "the linear system of a stage could not be solved"
                                                          : "the field gave non-finite values"));
    return ODEON_RETRY_SMALLER;
  }
  static odeon_status jvp(odeon_solver_problem* p, double t, const odeon_tensor* y, const odeon_tensor* u,
                          const odeon_tensor* Ju) {
    return services_edge([&] {
      of(p).systems().jvp(t, *y, *u, *Ju);
      if (of(p).trace_) of(p).trace_->multiplied(t, *y, *u, *Ju);
    });
  }
  static odeon_status time_derivative(odeon_solver_problem* p, double t, const odeon_tensor* y,
                                      const odeon_tensor* ft) {
    return services_edge([&] {
      of(p).systems().time_derivative(t, *y, *ft);
      if (of(p).trace_) of(p).trace_->time_differentiated(t, *y, *ft);
    });
  }
};

CodeStepper::CodeStepper(odeon_problem& problem, Trace* trace)
    : p_(problem),
      w_(*problem.work),
      trace_(trace),
      math_(problem),
      control_(problem.solver.settings, problem.solver.error_order(), 1),
      api_(problem.solver.api()),
      name_("solver '" + problem.solver.id() + "'"),
      dense_(dense_of(problem)) {
  if (problem.parent)
    require_first_order(problem.solver);
  else
    require_halves(problem.solver, problem.state_elements() / std::max<int64_t>(1, problem.batch));
  const SolverSettings& s = p_.solver.settings;
  services_.struct_size = sizeof services_;
  services_.dtype = p_.dtype;
  services_.backend_api = trace ? &trace->backend_api() : &p_.backend->api();
  services_.backend = trace ? trace->backend() : p_.backend->handle();
  services_.queue = trace ? trace->queue() : p_.backend->queue();
  services_.state = p_.state_view(nullptr);
  services_.eval = Services::eval;
  services_.self = reinterpret_cast<odeon_solver_problem*>(this);
  services_.first_step = s.first_step, services_.min_step = s.min_step, services_.max_step = s.max_step;
  services_.rtol = s.rtol[0], services_.atol = s.atol[0];
  services_.rtol_vector = static_cast<const double*>(w_.rtol.data);
  services_.atol_vector = static_cast<const double*>(w_.atol.data);
  services_.scaled_norm = Services::scaled_norm;
  services_.linearize = Services::linearize;
  services_.solve_shifted = Services::solve_shifted;
  services_.jvp = Services::jvp;
  services_.time_derivative = Services::time_derivative;
  services_.row_elements = p_.state_elements() / std::max<int64_t>(1, p_.parts * p_.batch);
  call(name_, api_.create, &host_table(), &p_.solver.component.options.value(), &solver_);
}

CodeStepper::~CodeStepper() {
  if (solver_) call_release(name_, api_.destroy, solver_);
}

LinearSystems& CodeStepper::systems() {
  if (!systems_) systems_ = std::make_unique<LinearSystems>(p_);
  return *systems_;
}

void CodeStepper::begin(double t, double t_end) {
  t_ = t;
  have_ends_ = false;
  control_.begin();
  if (trace_ && !trace_->begun()) trace_->begin(w_.y[0]);
  call(name_, api_.start, solver_, &services_, t, t_end, &w_.y[0]);
}

void CodeStepper::eval(double t, const odeon_tensor& y, const odeon_tensor& dy) {
  p_.rhs->eval(t, y, dy, nullptr);
  if (trace_) trace_->evaluated(t, y, dy);
}

double CodeStepper::first_step(double direction) {
  p_.rhs->eval(t_, w_.y[0], w_.k[kBegin], nullptr);
  const int order = api_.first_order > 0 ? api_.first_order : api_.order;
  return initial_step(p_, math_, {t_, direction, order}, w_.k[kBegin], w_.k[kScratch]);
}

Trial CodeStepper::attempt(double t, double h, bool want_error) {
  t_ = t;
  have_ends_ = false;
  odeon_step_result r{};
  r.struct_size = sizeof r;
  r.t1 = t + h;
  take_error_text();  // of an earlier call
  if (trace_) trace_->forget(w_.y[1]);
  const odeon_status status = call_slot(name_, api_.step, solver_, h, &w_.y[1], &r);
  if (status == ODEON_REJECTED) {
    constexpr double kUntold = 2;  // any error that does not pass
    return {h, r.error <= 1 ? kUntold : r.error, r.next_h != 0 ? r.next_h : h / 2, nullptr};
  }
  if (status == ODEON_RETRY_SMALLER) {
    reason_ = take_error_text();
    if (reason_.empty()) reason_ = "the solver could not take the step";
    return {h, std::numeric_limits<double>::quiet_NaN(),
            r.next_h != 0 ? r.next_h : control_.after_failure(h, 0), reason_.c_str()};
  }
  check_call(status, name_);
  h_ = r.t1 == t + h ? h : r.t1 - t;
  order_ = std::max(api_.order, r.order);
  if (!(std::abs(h_) <= std::abs(h) * (1 + 1e-12)) || !(h > 0 ? h_ > 0 : h_ < 0))
    throw PluginError(name_ + " ended a step of " + std::to_string(h) + " from t = " + std::to_string(t) +
                      " at " + std::to_string(r.t1) +
                      ", which is not inside of it; this is a bug of the plugin");
  if (!want_error) return {h_, 0, 0, nullptr};
  if (!p_.solver.own_steps()) {
    if (p_.solver.settings.predictive && r.next_h == 0) r.next_h = control_.after_step(h_, r.error, {});
    return {h_, r.error, r.next_h, nullptr};
  }
  const bool finite = math_.is_finite(w_.y[1]);
  return {h_, finite ? 0 : std::numeric_limits<double>::quiet_NaN(), r.next_h != 0 ? r.next_h : h, nullptr};
}

void CodeStepper::prepare_interpolation() {
  if (dense_ != Dense::hermite || have_ends_) return;
  eval(t_, w_.y[0], w_.k[kBegin]);
  eval(t_ + h_, w_.y[1], w_.k[kEnd]);
  have_ends_ = true;
}

void CodeStepper::interpolate(double x, const odeon_tensor& out) {
  if (dense_ == Dense::method) return call(name_, api_.interpolate, solver_, t_ + x * h_, &out);
  const double value = dense_ == Dense::linear ? x : x * x * (3 - 2 * x);
  const double weights[] = {-value, value, h_ * x * (1 - x) * (1 - x), h_ * x * x * (x - 1)};
  const odeon_tensor terms[] = {w_.y[0], w_.y[1], w_.k[kBegin], w_.k[kEnd]};
  call(name_, services_.backend_api->lincomb, services_.queue, &out, &w_.y[0], host_scalar(1),
       dense_ == Dense::linear ? 2 : 4, weights, terms);
}

// By Gauss's formula on the interpolated state, of at least the method's order; one evaluation per node.
void CodeStepper::add_quadrature(double x, const odeon_tensor& total) {
  const Dense before = interpolate_by(smooth_dense_of(p_));
  prepare_interpolation();
  const double one[] = {1.0};
  for (const GaussNode& node : gauss_legendre(order_)) {
    interpolate(node.x * x, w_.stage);
    p_.rhs->eval(t_ + node.x * x * h_, w_.stage, w_.k[kScratch], &w_.q[0]);
    math_.combine(total, &total, h_ * x * node.weight, one, {&w_.q[0], 1});
  }
  interpolate_by(before);
}

// Where its stability ends is not known of such a method, but a step that is a good part of a decaying
// component's time, while the state hardly changes in it, is one that accuracy alone would not ask for.
double CodeStepper::stability_ratio() {
  if (p_.solver.stiff()) return 0;
  constexpr double kStable = 0.6, kHardly = 0.05;
  const double difference[] = {1, -1};
  math_.combine(w_.stage, nullptr, 1, difference, w_.y);
  if (!(math_.dot(w_.stage, w_.stage) < kHardly * kHardly * math_.dot(w_.y[0], w_.y[0]))) return 0;
  have_ends_ = false;
  const double eigenvalue =
      dominant_real_eigenvalue(p_, math_, t_, w_.y[0], {w_.k[kBegin], w_.k[kScratch], w_.stage});
  return std::max(0.0, -eigenvalue * h_) / kStable;
}

void CodeStepper::advance() {
  if (api_.accept) call(name_, api_.accept, solver_);
  std::swap(w_.y[0], w_.y[1]);
}

}  // namespace odeon::host
