#include "engine/backend_rows.hpp"

#include <cmath>
#include <limits>

#include "engine/failure.hpp"
#include "engine/first_step.hpp"
#include "engine/grid.hpp"
#include "engine/rows.hpp"
#include "engine/stage_stability.hpp"
#include "engine/step_arithmetic.hpp"
#include "engine/step_limit.hpp"
#include "engine/stiffness_watch.hpp"
#include "engine/workspace.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

int32_t abi_dense(Dense dense) {
  return dense == Dense::method    ? ODEON_DENSE_METHOD
         : dense == Dense::hermite ? ODEON_DENSE_HERMITE
                                   : ODEON_DENSE_LINEAR;
}

odeon_step_settings step_settings(const odeon_problem& p) {
  const SolverSettings& s = p.solver.settings;
  const StageStability stability(*p.solver.method);
  odeon_step_settings out{};
  out.struct_size = sizeof out;
  out.order = p.solver.method->order(), out.error_order = p.solver.error_order();
  out.stiff_every = StiffnessWatch::kEvery, out.stiff_hits = StiffnessWatch::kHits;
  out.stiff_misses = StiffnessWatch::kMisses, out.stiff_near = StiffnessWatch::kNear;
  out.max_steps = s.max_steps;
  out.first_step = s.first_step, out.min_step = s.min_step, out.max_step = s.max_step;
  out.safety = s.safety, out.min_factor = s.min_factor, out.max_factor = s.max_factor;
  std::copy(std::begin(s.law.beta), std::end(s.law.beta), out.beta);
  out.alpha = s.law.alpha;
  out.stability_limit = stability.known() ? stability.limit() : 0;
  out.stability_hides = stability.hidden();
  out.rtol = s.rtol[0], out.atol = s.atol[0];
  out.rtol_vector = static_cast<const double*>(p.work->rtol.data);
  out.atol_vector = static_cast<const double*>(p.work->atol.data);
  return out;
}

}  // namespace

std::unique_ptr<BackendSolve> BackendSolve::make(odeon_problem& p) {
  Backend& b = *p.backend;
  const odeon_backend_solve_api* api = b.solve_api();
  if (!api) return nullptr;
  const odeon_graph graph = p.shared_field->graph()->view();
  odeon_solve_spec spec{};
  spec.struct_size = sizeof spec;
  spec.dtype = p.dtype;
  spec.graph = &graph;
  spec.tableau = p.solver.method->tableau();
  spec.dense = abi_dense(dense_of(p));
  spec.fixed = p.solver.settings.control == Control::fixed;
  spec.norm = p.solver.settings.norm == Norm::rms ? ODEON_NORM_RMS : ODEON_NORM_MAX;
  spec.joint = spec.fixed || steps_per_row(p) ? 0 : p.batch;
  odeon_solve_plan* plan = nullptr;
  const odeon_status status = call_slot(b.name(), api->compile, b.handle(), &spec, &plan);
  if (status == ODEON_E_UNSUPPORTED) {
    log(ODEON_LOG_INFO,
        "fusion: backend '" + b.id() + "' leaves the steps to the host: " + take_error_text());
    return nullptr;
  }
  check_call(status, b.name());
  log(ODEON_LOG_INFO, "fusion: whole solve by backend '" + b.id() + "'");
  return std::unique_ptr<BackendSolve>(
      new BackendSolve(p.backend, plan, Buffer(p.backend, p.state_elements() * dtype_bytes(p.dtype))));
}

BackendSolve::BackendSolve(std::shared_ptr<Backend> backend, odeon_solve_plan* plan, Buffer ends)
    : backend_(std::move(backend)), plan_(plan), ends_(std::move(ends)) {}

BackendSolve::~BackendSolve() { call_release(backend_->name(), backend_->solve_api()->destroy, plan_); }

odeon_solve_run BackendSolve::arguments(const odeon_problem& p, const odeon_solve_args& args) {
  results_.resize(static_cast<size_t>(p.batch));
  odeon_solve_run r{};
  r.struct_size = sizeof r;
  r.batch = p.batch;
  r.times = args.times, r.n_times = args.n_times;
  r.theta = p.theta.data ? &p.theta : nullptr;
  r.y0 = args.y0, r.ys = args.ys, r.y_last = args.y_last;
  r.results = results_.data();
  return r;
}

void BackendSolve::run_adaptive(odeon_problem& p, const odeon_solve_args& args) {
  if (cancel_requested()) throw Cancelled();
  const odeon_step_settings settings = step_settings(p);
  const odeon_tensor end = p.state_view(ends_.data());
  odeon_solve_run r = arguments(p, args);
  r.y_end = &end;
  call(backend_->name(), backend_->solve_api()->run, plan_, backend_->queue(), &settings, &r);
}

Failure BackendSolve::failure_of(odeon_problem& p, const odeon_solve_args& args, const odeon_row_result& e,
                                 const odeon_tensor& state, const odeon_tensor& y0) const {
  std::pair<std::string, std::string> why{FirstStep::kReason, FirstStep::kRemedy};
  if (e.status == ODEON_ROW_STIFF)
    why = explain_stiffness(std::abs((args.times[args.n_times - 1] - e.t) / e.h), p.solver);
  if (e.status == ODEON_ROW_SPENT || e.status == ODEON_ROW_UNDERFLOW) {
    const bool unbounded = StepArithmetic(p).grows_without_bound(state, y0);
    why =
        explain({e.status == ODEON_ROW_SPENT, e.h, e.error, nullptr, e.stability_ratio, unbounded}, p.solver);
  }
  return {why.first, why.second, e.t, e.h, e.error, e.accepted + e.rejected};
}

void BackendSolve::run(odeon_problem& p, const odeon_solve_args& args) {
  run_adaptive(p, args);
  std::vector<Failure> failures;
  int64_t evaluations = 0;  // of a row; rows evaluate side by side
  for (int64_t row = 0; row < p.batch; ++row) {
    const odeon_row_result& e = results_[size_t(row)];
    evaluations = std::max(evaluations, e.evaluations);
    p.counters->accepted += e.accepted, p.counters->rejected += e.rejected;
    if (e.status == ODEON_ROW_DONE) continue;
    const odeon_tensor state = row_of(p.state_view(ends_.data()), row);
    failures.push_back(failure_of(p, args, e, state, row_of(*args.y0, row)));
    failures.back().row = row;
  }
  p.counters->evaluations += evaluations;
  if (!failures.empty()) throw SolveFailed(std::move(failures), p.batch);
}

bool BackendSolve::run_joint(odeon_problem& p, const odeon_solve_args& args) {
  run_adaptive(p, args);
  const odeon_row_result& e = results_[0];
  if (e.status == ODEON_ROW_NOT_FINITE) return false;  // the host's first step says why
  p.counters->accepted += e.accepted, p.counters->rejected += e.rejected;
  p.counters->evaluations += e.evaluations;
  if (e.status != ODEON_ROW_DONE)
    throw SolveFailed(failure_of(p, args, e, p.state_view(ends_.data()), *args.y0));
  return true;
}

void BackendSolve::run_fixed(odeon_problem& p, const odeon_solve_args& args) {
  if (cancel_requested()) throw Cancelled();
  const std::span<const double> times(args.times, static_cast<size_t>(args.n_times));
  std::vector<double> points;
  std::vector<int64_t> times_of;
  for (const GridPoint& g : fixed_grid(p.solver.settings, times))
    points.push_back(g.t), times_of.push_back(g.anchor);
  odeon_solve_run r = arguments(p, args);
  r.grid = points.data(), r.grid_times = times_of.data(), r.n_grid = static_cast<int64_t>(points.size());
  call(backend_->name(), backend_->solve_api()->run, plan_, backend_->queue(), nullptr, &r);

  const odeon_row_result* first =
      nullptr;  // row that was lost, and the steps that a joint solve would have taken
  for (const odeon_row_result& e : results_)
    if (e.status == ODEON_ROW_LOST && (!first || std::abs(e.h - times[0]) < std::abs(first->h - times[0])))
      first = &e;
  const odeon_row_result& joint = first ? *first : results_[0];
  p.counters->accepted += joint.accepted;
  p.counters->evaluations += joint.evaluations;
  if (!first) return;
  const auto [reason, remedy] = explain_lost(first->h);
  throw SolveFailed({reason, remedy, first->t, 0, std::numeric_limits<double>::quiet_NaN(), first->accepted});
}

BackendSolve* backend_solve(odeon_problem& p) {
  if (!p.asked_for_backend_solve) p.backend_solve = BackendSolve::make(p);
  p.asked_for_backend_solve = true;
  return p.backend_solve.get();
}

bool integrate_by_backend(odeon_problem& p, const odeon_solve_args& args) {
  const bool fixed = p.solver.settings.control == Control::fixed;
  const bool suits = p.backend->solve_api() && p.solver.method && p.solver.method->is_explicit() &&
                     !p.solver.settings.replays && !p.parent && p.shared_field && p.shared_field->graph() &&
                     !p.has_events() && p.batch > 0 && (fixed || p.solver.settings.breakpoints.empty());
  const bool watched = args.on_step || args.quadrature || args.dense || p.dense || p.log || args.n_times < 2;
  BackendSolve* solve = suits && !watched ? backend_solve(p) : nullptr;
  if (!solve) return false;
  if (!fixed) return solve->run_joint(p, args);
  solve->run_fixed(p, args);
  return true;
}

}  // namespace odeon::host
