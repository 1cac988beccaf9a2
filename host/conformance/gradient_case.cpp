#include "conformance/gradient_case.hpp"

#include <algorithm>
#include <cmath>

#include "conformance/test_problem.hpp"
#include "embed/application_field.hpp"
#include "loader/host_table.hpp"

namespace odeon::host::conformance {
namespace {

constexpr int64_t kRows = 2, kState = 2;
constexpr double kShift = 1e-5;

// Of the kit's solver of order 4, and of the other one, whose error is then hardly larger.
double step_of(const Subject& s, double step) { return s.needs_reversible() ? step / 10 : step; }

Numbers cotangents(int64_t times) { return random_numbers(times * kRows * kState, 71, -1, 1); }

}  // namespace

LoadedComponent pendulum() {
  GraphBuilder g;
  const Value y = g.input(0, {ODEON_BATCH, kState}), t = g.reshape(g.time(), {ODEON_BATCH, 1});
  const Value q = g.slice(y, 1, 0, 1), w = g.slice(y, 1, 1, 2), drag = g.parameter(0, {}),
              force = g.parameter(1, {});
  const Value push = g.sub(g.mul(force, g.cos(g.scale(t, 0.8))), g.mul(g.mul(drag, w), q));
  g.mark_output(g.concat(g.add(w, g.scale(g.mul(q, t), 0.1)), g.sub(push, g.sin(q)), 1));
  GraphField field;
  field.state_shape = {kState};
  field.slots = {{"drag", {}, ODEON_INIT_CONSTANT, 0.2, 0, {}},
                 {"force", {}, ODEON_INIT_CONSTANT, 0.9, 0, {}}};
  field.graph = g.finish();
  return to_component("pendulum", field);
}

GradientCase::GradientCase(const Subject& s, const GradientProblem& p, const LoadedComponent& field)
    : p_(p),
      backend_(s.open_backend()),
      problem_(backend_, make_field(field),
               make_solver(
                   s.solver("{step_size: " + text("%.17g", step_of(s, p.step)) + ", interpolation: cubic}")),
               ODEON_F64, kRows),
      parameters_(problem_.field->field().parameter_count()) {
  if (s.component->descriptor->kind == ODEON_KIND_GRADIENT) gradient_.emplace(s.choice());
  problem_.tape = &tape_;
  problem_.counters = &counters_;
  const int64_t n = static_cast<int64_t>(p.times.size());
  theta_ = to_device(backend_, {parameters_}, Numbers(p.theta.begin(), p.theta.begin() + parameters_));
  if (parameters_ > 0) problem_.set_theta(theta_.view);
  y0_ = to_device(backend_, {kRows, kState}, p.y0);
  gy0_ = to_device(backend_, {kRows, kState}, p.y0);
  gys_ = to_device(backend_, {n, kRows, kState}, cotangents(n));
  ys_ = to_device(backend_, {n, kRows, kState}, cotangents(n));
  gtheta_ = to_device(backend_, {parameters_}, Numbers(static_cast<size_t>(parameters_)));
}

GradientCase::~GradientCase() = default;

odeon_status GradientCase::solve_rows(int32_t method) {
  odeon_row_solve_args a{};
  a.struct_size = sizeof a;
  a.method = method;
  a.y0 = &y0_.view;
  a.times = p_.times.data();
  a.n_times = static_cast<int64_t>(p_.times.size());
  a.ys = &ys_.view;
  a.rtol = a.atol = std::nan("");
  odeon_row_gradient* out = nullptr;
  const odeon_status status = engine_table().row_solve(&problem_, &a, &out);
  rows_ = {out, engine_table().row_destroy};
  if (status != ODEON_E_UNSUPPORTED) check_call(status, "row_solve");
  return status;
}

GradientResult GradientCase::reverse_rows() {
  GradientResult r;
  r.times.assign(p_.times.size(), std::nan(""));
  backend_->fill(gy0_.view, std::nan(""));
  backend_->fill(gtheta_.view, 0);
  odeon_row_reverse_args a{};
  a.struct_size = sizeof a;
  a.gys = &gys_.view, a.gy0 = &gy0_.view;
  a.gtheta = &gtheta_.view;
  a.gtimes = r.times.data();
  check_call(engine_table().row_reverse(&problem_, rows_.get(), &a), "row_reverse");
  r.states = read(*backend_, ys_);
  r.y0 = read(*backend_, gy0_);
  r.theta = read(*backend_, gtheta_);
  return r;
}

void GradientCase::forward() {
  odeon_gradient_forward_args a{};
  a.y0 = &y0_.view;
  a.times = p_.times.data();
  a.n_times = static_cast<int64_t>(p_.times.size());
  a.ys = &ys_.view;
  pass_.reset();
  pass_.emplace(*gradient_, problem_, a);
}

GradientResult GradientCase::backward(bool want_theta, bool want_times, double before) {
  GradientResult r;
  r.times.assign(p_.times.size(), std::nan(""));
  backend_->fill(gy0_.view, std::nan(""));
  if (parameters_ > 0) backend_->fill(gtheta_.view, before);
  odeon_gradient_backward_args a{};
  a.gys = &gys_.view;
  a.gy0 = &gy0_.view;
  a.gtheta = want_theta && parameters_ > 0 ? &gtheta_.view : nullptr;
  a.gtimes = want_times ? r.times.data() : nullptr;
  pass_->backward(a);
  r.states = read(*backend_, ys_);
  r.y0 = read(*backend_, gy0_);
  if (a.gtheta) r.theta = read(*backend_, gtheta_);
  if (!want_times) r.times.clear();
  return r;
}

void GradientCase::solve(const GradientProblem& p) {
  const DeviceTensor y0 = to_device(backend_, {kRows, kState}, p.y0);
  theta_ = to_device(backend_, {parameters_}, Numbers(p.theta.begin(), p.theta.begin() + parameters_));
  if (parameters_ > 0) problem_.set_theta(theta_.view);
  odeon_solve_args a{};
  a.struct_size = sizeof a;
  a.y0 = &y0.view;
  a.times = p.times.data();
  a.n_times = static_cast<int64_t>(p.times.size());
  a.ys = &ys_.view;
  integrate(problem_, a);
}

double GradientCase::loss(const GradientProblem& p) {
  solve(p);
  const Numbers ys = read(*backend_, ys_), gys = read(*backend_, gys_);
  double sum = 0;
  for (size_t i = 0; i < ys.size(); ++i) sum += ys[i] * gys[i];
  return sum;
}

Numbers GradientCase::moved_losses(Numbers GradientProblem::*numbers) {
  Numbers out((p_.*numbers).size());
  for (size_t i = 0; i < out.size(); ++i) {
    GradientProblem above = p_, below = p_;
    (above.*numbers)[i] += kShift;
    (below.*numbers)[i] -= kShift;
    out[i] = (loss(above) - loss(below)) / (2 * kShift);
  }
  return out;
}

GradientResult GradientCase::slopes() {
  GradientResult r;
  r.y0 = moved_losses(&GradientProblem::y0);
  if (parameters_ > 0) r.theta = moved_losses(&GradientProblem::theta);
  r.times = moved_losses(&GradientProblem::times);
  solve(p_);
  r.states = read(*backend_, ys_);
  return r;
}

double difference(const GradientResult& x, const GradientResult& y) {
  double worst = 0;
  for (const auto part :
       {&GradientResult::states, &GradientResult::y0, &GradientResult::theta, &GradientResult::times}) {
    const double scale = std::max(largest(y.*part), 1e-3);
    worst = (x.*part).size() == (y.*part).size()
                ? std::max(worst, largest_difference(x.*part, y.*part) / scale)
                : INFINITY;
  }
  return worst;
}

}  // namespace odeon::host::conformance
