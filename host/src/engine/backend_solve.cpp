#include "engine/backend_solve.hpp"

#include <cmath>
#include <limits>

#include "engine/failure.hpp"
#include "engine/first_step.hpp"
#include "engine/grid.hpp"
#include "engine/row_at_fault.hpp"
#include "engine/rows.hpp"
#include "engine/stage_stability.hpp"
#include "engine/step_arithmetic.hpp"
#include "engine/step_limit.hpp"
#include "engine/stepper.hpp"
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

odeon_solve_totals totals_of(std::span<const odeon_row_result> results) {
  odeon_solve_totals sum{1, 0, 0, 0, 0};
  for (const odeon_row_result& e : results) {
    sum.failed += e.status != ODEON_ROW_DONE;
    sum.accepted += e.accepted, sum.rejected += e.rejected;
    sum.evaluations = std::max(sum.evaluations, e.evaluations);
  }
  return sum;
}

}  // namespace

odeon_step_settings step_settings(const SolverChoice& solver, const odeon_problem& work) {
  const SolverSettings& s = solver.settings;
  const StageStability stability(*solver.method);
  odeon_step_settings out{};
  out.struct_size = sizeof out;
  out.order = solver.method->order(), out.error_order = solver.error_order();
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
  out.rtol_vector = static_cast<const double*>(work.work->rtol.data);
  out.atol_vector = static_cast<const double*>(work.work->atol.data);
  return out;
}

odeon_solve_spec solve_spec(const SolverChoice& solver, Dense dense, int32_t dtype) {
  odeon_solve_spec spec{};
  spec.struct_size = sizeof spec;
  spec.dtype = dtype;
  spec.tableau = solver.method->tableau();
  spec.dense = abi_dense(dense);
  spec.fixed = solver.settings.control == Control::fixed;
  spec.norm = solver.settings.norm == Norm::rms ? ODEON_NORM_RMS : ODEON_NORM_MAX;
  return spec;
}

bool suits_backend(const SolverChoice& solver) {
  return solver.method && solver.method->is_explicit() && !solver.settings.replays &&
         solver.settings.breakpoints.empty();
}

bool suits_backend(const odeon_problem& p) {
  return suits_backend(p.solver) && !p.parent && !p.halves && p.shared_field && p.shared_field->graph() &&
         !p.has_events() && !p.log && !p.dense && p.batch > 0;
}

bool steps_jointly(const odeon_problem& p) {
  return p.solver.settings.control == Control::adaptive && !steps_per_row(p);
}

FixedPoints::FixedPoints(const SolverSettings& settings, std::span<const double> requested) {
  for (const GridPoint& g : fixed_grid(settings, requested)) points.push_back(g.t), times.push_back(g.anchor);
}

std::vector<Failure> row_failures(std::span<const odeon_row_result> results, double last_time,
                                  const SolverChoice& solver, const std::function<bool(int64_t)>& unbounded) {
  std::vector<Failure> failures;
  for (size_t i = 0; i < results.size(); ++i) {
    const odeon_row_result& e = results[i];
    const int64_t row = static_cast<int64_t>(i);
    if (e.status == ODEON_ROW_DONE) continue;
    std::pair<std::string, std::string> why{FirstStep::kReason, FirstStep::kRemedy};
    if (e.status == ODEON_ROW_STIFF) why = explain_stiffness(std::abs((last_time - e.t) / e.h), solver);
    if (e.status == ODEON_ROW_SPENT || e.status == ODEON_ROW_UNDERFLOW)
      why = explain({e.status == ODEON_ROW_SPENT, e.h, e.error, nullptr, e.stability_ratio, unbounded(row)},
                    solver);
    failures.push_back({why.first, why.second, e.t, e.h, e.error, e.accepted + e.rejected, row});
  }
  return failures;
}

size_t first_lost(std::span<const odeon_row_result> results, double from) {
  size_t first = results.size();
  for (size_t i = 0; i < results.size(); ++i)
    if (results[i].status == ODEON_ROW_LOST &&
        (first == results.size() || std::abs(results[i].h - from) < std::abs(results[first].h - from)))
      first = i;
  return first;
}

Failure lost_failure(std::span<const odeon_row_result> results, size_t row, const SolverSettings& settings) {
  const odeon_row_result& lost = results[row];
  const auto [reason, remedy] = explain_lost(lost.h, settings);
  return in_row({reason, remedy, lost.t, 0, std::numeric_limits<double>::quiet_NaN(), lost.accepted},
                static_cast<int64_t>(row), static_cast<int64_t>(results.size()));
}

std::unique_ptr<BackendSolve> BackendSolve::make(odeon_problem& p) {
  Backend& b = *p.backend;
  const odeon_backend_solve_api* api = b.solve_api();
  if (!api) return nullptr;
  const odeon_graph graph = p.shared_field->graph()->view();
  odeon_solve_spec spec = solve_spec(p.solver, dense_of(p), p.dtype);
  spec.graph = &graph;
  spec.joint = steps_jointly(p) ? p.batch : 0;
  odeon_solve_plan* plan = nullptr;
  const odeon_status status = call_slot(b.name(), api->compile, b.handle(), &spec, &plan);
  if (status == ODEON_E_UNSUPPORTED) {
    log(ODEON_LOG_INFO,
        "fusion: backend '" + b.id() + "' leaves the steps to the host: " + take_error_text());
    return nullptr;
  }
  check_call(status, b.name());
  log(ODEON_LOG_INFO, "fusion: whole solve by backend '" + b.id() + "'");
  const std::shared_ptr<odeon_solve_plan> owned(plan, [backend = p.backend](odeon_solve_plan* x) {
    call_release(backend->name(), backend->solve_api()->destroy, x);
  });
  return std::make_unique<BackendSolve>(
      p,
      [owned, &b](const odeon_step_settings* s, const odeon_solve_run* r) {
        return call_slot(b.name(), b.solve_api()->run, owned.get(), b.queue(), s, r);
      },
      Wants::failed_rows);
}

BackendSolve::BackendSolve(const odeon_problem& p, Runner runner, Wants wants)
    : backend_(p.backend),
      runner_(std::move(runner)),
      wants_(wants),
      ends_(p.backend, p.state_elements() * dtype_bytes(p.dtype)) {}

odeon_solve_run BackendSolve::arguments(const odeon_problem& p, const odeon_solve_args& args) {
  rows_ = steps_jointly(p) ? 1 : static_cast<size_t>(p.batch);
  if (rows_ > room_) results_ = std::make_unique_for_overwrite<odeon_row_result[]>(room_ = rows_);
  odeon_solve_run r{};
  r.struct_size = sizeof r;
  r.batch = p.batch;
  r.times = args.times, r.n_times = args.n_times;
  r.theta = p.theta.data ? &p.theta : nullptr;
  r.y0 = args.y0, r.ys = args.ys, r.y_last = args.y_last;
  r.results = results_.get();
  totals_ = {};
  r.totals = wants_ == Wants::failed_rows ? &totals_ : nullptr;
  return r;
}

void BackendSolve::take(const odeon_step_settings* settings, const odeon_solve_run& r) {
  if (cancel_requested()) throw Cancelled();
  check_call(runner_(settings, &r), backend_->name());
  if (!totals_.written) totals_ = totals_of(results());
}

// Returns where failed rows stand, or the batch.
odeon_tensor BackendSolve::run_adaptive(odeon_problem& p, const odeon_solve_args& args) {
  const odeon_step_settings settings = step_settings(p.solver, p);
  const odeon_tensor end = p.state_view(ends_.data());
  odeon_solve_run r = arguments(p, args);
  r.y_end = &end;
  take(&settings, r);
  if (totals_.failed > 0 && steps_jointly(p) && results_[0].status == ODEON_ROW_NOT_FINITE) return end;
  p.counters->accepted += totals_.accepted, p.counters->rejected += totals_.rejected;
  p.counters->evaluations += totals_.evaluations;  // rows evaluate side by side
  return end;
}

bool BackendSolve::run(odeon_problem& p, const odeon_solve_args& args) {
  if (steps_jointly(p)) return run_joint(p, args);
  p.solver.settings.control == Control::fixed ? run_fixed(p, args) : run_rows(p, args);
  return true;
}

void BackendSolve::run_rows(odeon_problem& p, const odeon_solve_args& args) {
  const odeon_tensor end = run_adaptive(p, args);
  if (totals_.failed == 0) return;
  const auto unbounded = [&](int64_t row) {
    return StepArithmetic(p).grows_without_bound(row_of(end, row), row_of(*args.y0, row));
  };
  throw SolveFailed(row_failures(results(), args.times[args.n_times - 1], p.solver, unbounded), p.batch);
}

// With the row that the last step of the batch, taken from `end` by the host, blames. It is not counted.
Failure BackendSolve::tried_again(odeon_problem& p, Failure failure, const odeon_tensor& end) {
  const Counters counted = *p.counters;
  odeon_tensor* y = p.work->y;
  p.backend->copy(y[0], end);
  p.stepper->begin(failure.t, failure.t + failure.h);
  p.stepper->attempt(failure.t, failure.h, true);
  *p.counters = counted;
  return with_row_at_fault(std::move(failure), p, y[0], y[1]);
}

bool BackendSolve::run_joint(odeon_problem& p, const odeon_solve_args& args) {
  const odeon_tensor end = run_adaptive(p, args);
  if (totals_.failed == 0) return true;
  if (results_[0].status == ODEON_ROW_NOT_FINITE) return false;
  const auto unbounded = [&](int64_t) { return StepArithmetic(p).grows_without_bound(end, *args.y0); };
  Failure failure = row_failures(results(), args.times[args.n_times - 1], p.solver, unbounded)[0];
  failure.row = -1;
  throw SolveFailed(results_[0].status == ODEON_ROW_UNDERFLOW ? tried_again(p, failure, end) : failure);
}

void BackendSolve::run_fixed(odeon_problem& p, const odeon_solve_args& args) {
  const FixedPoints grid(p.solver.settings, {args.times, static_cast<size_t>(args.n_times)});
  odeon_solve_run r = arguments(p, args);
  r.grid = grid.points.data(), r.grid_times = grid.times.data();
  r.n_grid = static_cast<int64_t>(grid.points.size());
  take(nullptr, r);
  // Counted as of a joint solve, which ends with the first row that is lost.
  if (totals_.failed == 0) {
    p.counters->accepted += totals_.accepted / p.batch;
    p.counters->evaluations += totals_.evaluations;
    return;
  }
  const size_t row = first_lost(results(), args.times[0]);
  p.counters->accepted += results()[row].accepted;
  p.counters->evaluations += results()[row].evaluations;
  throw SolveFailed(lost_failure(results(), row, p.solver.settings));
}

BackendSolve* backend_solve(odeon_problem& p) {
  if (!p.asked_for_backend_solve) p.backend_solve = BackendSolve::make(p);
  p.asked_for_backend_solve = true;
  return p.backend_solve.get();
}

bool integrate_by_backend(odeon_problem& p, const odeon_solve_args& args) {
  const bool watched = args.on_step || args.quadrature || args.dense || args.n_times < 2;
  BackendSolve* solve = p.backend->solve_api() && suits_backend(p) && !watched ? backend_solve(p) : nullptr;
  return solve && solve->run(p, args);
}

}  // namespace odeon::host
