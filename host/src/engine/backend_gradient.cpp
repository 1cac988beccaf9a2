#include "engine/backend_gradient.hpp"

#include <algorithm>
#include <cmath>

#include "autodiff/vjp.hpp"
#include "engine/failure.hpp"
#include "engine/initial_step.hpp"
#include "engine/rows.hpp"
#include "engine/step_arithmetic.hpp"
#include "engine/workspace.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

// The field's derivative products in the order of odeon_solve_gradient_spec.
struct Products {
  Graph graph;
  std::vector<int64_t> offsets;

  explicit Products(const Graph& field) {
    VjpGraph vjp = make_vjp(field, {.primal = true, .inputs = true, .parameters = true, .time = true});
    const std::vector<int32_t> outputs = vjp.graph.outputs;
    const auto of = [&](int output) { return outputs[size_t(output)]; };
    vjp.graph.outputs = {of(0), of(vjp.input_gradients[0]), of(vjp.time_gradient)};
    for (const VjpGraph::ParameterGradient& p : vjp.parameters)
      vjp.graph.outputs.push_back(of(p.output)), offsets.push_back(p.offset);
    graph = std::move(vjp.graph);
  }
};

// Backwards: joint steps forwards have joint ones, and then adaptive ones need them.
bool steps_jointly_back(const odeon_problem& p, const SolverChoice& backwards) {
  const bool alone = steps_per_row(p) || (p.solver.settings.control == Control::fixed &&
                                          (backwards.settings.control == Control::fixed || p.batch == 1));
  return !alone;
}

// The vectors that the problem has on its backend serve the solver, too, or it has none.
bool shares_tolerances(const odeon_problem& p, const SolverSettings& s) {
  return (s.rtol.size() == 1 || s.rtol == p.solver.settings.rtol) &&
         (s.atol.size() == 1 || s.atol == p.solver.settings.atol);
}

odeon_step_settings settings_of(const SolverChoice& solver, const odeon_problem& p) {
  odeon_step_settings out = step_settings(solver, p);
  if (solver.settings.rtol.size() == 1) out.rtol_vector = nullptr;
  if (solver.settings.atol.size() == 1) out.atol_vector = nullptr;
  return out;
}

}  // namespace

class BackendGradient {
 public:
  // NULL plan: the backend cannot do it.
  BackendGradient(odeon_problem& p, const odeon_row_solve_args& args)
      : method(args.method),
        solver_(args.solver),
        rtol_(args.rtol),
        atol_(args.atol),
        backwards(derived_solver(p, args.solver, args.rtol, args.atol)) {
    if (method == ODEON_SOLVE_GRADIENT_ADJOINT &&
        !(suits_backend(backwards) && shares_tolerances(p, backwards.settings)))
      return;
    compile(p);
  }

  bool is_for(const odeon_row_solve_args& args) const {
    const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
    return method == args.method && solver_ == args.solver && same(rtol_, args.rtol) &&
           same(atol_, args.atol);
  }

  const int32_t method;

 private:
  void compile(odeon_problem& p) {
    Backend& b = *p.backend;
    const Products products(*p.shared_field->graph());
    const odeon_graph graph = p.shared_field->graph()->view(), vjp = products.graph.view();
    odeon_solve_spec forward = solve_spec(p.solver, dense_of(p), p.dtype),
                     backward = solve_spec(backwards, dense_of(backwards, false), p.dtype);
    forward.graph = &graph;
    forward.joint = steps_jointly(p) ? p.batch : 0;
    backward.joint = steps_jointly_back(p, backwards) ? p.batch : 0;
    odeon_solve_gradient_spec spec{};
    spec.struct_size = sizeof spec;
    spec.method = method;
    spec.solve = &forward;
    spec.vjp = &vjp;
    spec.slice_offsets = products.offsets.data(),
    spec.n_slices = static_cast<int64_t>(products.offsets.size());
    spec.theta_count = p.shared_field->parameter_count();
    spec.backward = method == ODEON_SOLVE_GRADIENT_ADJOINT ? &backward : nullptr;
    odeon_solve_gradient_plan* made = nullptr;
    const odeon_status status =
        call_slot(b.name(), b.solve_gradient_api()->compile, b.handle(), &spec, &made);
    if (status == ODEON_E_UNSUPPORTED) {
      log(ODEON_LOG_INFO,
          "fusion: backend '" + b.id() + "' differentiates no such solve by itself: " + take_error_text());
      return;
    }
    check_call(status, b.name());
    log(ODEON_LOG_INFO, "fusion: whole solve and its gradient by backend '" + b.id() + "'");
    plan = {made, [backend = p.backend](odeon_solve_gradient_plan* x) {
              call_release(backend->name(), backend->solve_gradient_api()->destroy, x);
            }};
    solve = std::make_unique<BackendSolve>(
        p,
        [plan = plan, &b](const odeon_step_settings* s, const odeon_solve_run* r) {
          return call_slot(b.name(), b.solve_gradient_api()->forward, plan.get(), b.queue(), s, r);
        },
        BackendSolve::Wants::every_row);
  }

  const odeon_component_handle* solver_;
  double rtol_, atol_;

 public:
  const SolverChoice backwards;  // of the adjoint
  std::shared_ptr<odeon_solve_gradient_plan> plan;
  std::unique_ptr<BackendSolve> solve;
};

namespace {

std::shared_ptr<BackendGradient> plan_for(odeon_problem& p, const odeon_row_solve_args& args) {
  for (const auto& plan : p.backend_gradients)
    if (plan->is_for(args)) return plan;
  p.backend_gradients.push_back(std::make_shared<BackendGradient>(p, args));
  return p.backend_gradients.back();
}

// The backward solves' grids one behind the other.
struct BackwardGrids {
  std::vector<double> points;
  std::vector<int64_t> begin;
  BackwardGrids(const SolverSettings& settings, std::span<const double> times) {
    for (size_t i = times.size() - 1; i > 0; --i) {
      const double ends[] = {times[i], times[i - 1]};
      begin.push_back(static_cast<int64_t>(points.size()));
      for (double t : FixedPoints(settings, ends).points) points.push_back(t);
    }
    begin.push_back(static_cast<int64_t>(points.size()));
  }
};

// As odeon_solve_gradient_run counts them, with the best spacing.
int64_t least_states(int64_t steps) {
  int64_t least = steps;
  for (int64_t m = 2; m * m <= 4 * steps; ++m) least = std::min(least, (steps + m - 1) / m + m);
  return least;
}

// Of a solve that failed, as odeon_solve_gradient_run has them.
struct EndNorms {
  double began, stands;
  bool unbounded() const { return StepArithmetic::grows_without_bound(stands, began); }
};

// As a joint solve of the host ends.
[[noreturn]] void fail_jointly(const SolverChoice& solver, const odeon_row_result& result, double last_time,
                               const EndNorms& norms) {
  Failure failure =
      row_failures({&result, 1}, last_time, solver, [&](int64_t) { return norms.unbounded(); })[0];
  if (result.status == ODEON_ROW_NOT_FINITE)
    std::tie(failure.reason, failure.remedy) =
        explain_start(std::isfinite(norms.began) && std::isfinite(norms.stands), false);
  failure.row = -1;
  throw SolveFailed(std::move(failure));
}

// What a failed row's solve ended in; dL/dtheta of the others is of no use then.
void check_backward_rows(odeon_problem& p, const odeon_row_gradient& g,
                         std::span<const odeon_row_result> results, std::span<const int64_t> failed_at,
                         std::span<const double> state_norms, int64_t* first_failed_at) {
  const SolverChoice& solver = g.plan->backwards;
  const bool fixed = solver.settings.control == Control::fixed;
  int64_t accepted = 0, rejected = 0;
  size_t failed = results.size();
  for (size_t i = 0; i < results.size(); ++i) {
    accepted = fixed ? std::max(accepted, results[i].accepted) : accepted + results[i].accepted;
    rejected += results[i].rejected;
    // As row by row: the first row that fails; as a joint solve with fixed steps: the first solve that does.
    if (results[i].status != ODEON_ROW_DONE &&
        (failed == results.size() || (fixed && failed_at[i] > failed_at[failed])))
      failed = i;
  }
  p.counters->accepted += accepted, p.counters->rejected += rejected;
  if (failed == results.size()) return;
  if (first_failed_at) *first_failed_at = failed_at[failed];
  const double end = g.args.times[failed_at[failed] - 1];
  if (fixed) throw SolveFailed(lost_failure(results[failed], solver.settings));
  const EndNorms norms{state_norms[failed], state_norms[results.size() + failed]};
  if (steps_jointly_back(p, solver)) fail_jointly(solver, results[failed], end, norms);
  Failure failure =
      row_failures(results.subspan(failed, 1), end, solver, [&](int64_t) { return norms.unbounded(); })[0];
  failure.row = static_cast<int64_t>(failed);
  throw SolveFailed(std::move(failure));
}

}  // namespace

std::unique_ptr<odeon_row_gradient> solve_rows_by_backend(odeon_problem& p,
                                                          const odeon_row_solve_args& args) {
  if (!p.backend->solve_gradient_api() || !suits_backend(p) || args.n_times < 2) return nullptr;
  // Of a batch the stages are kept too: bounded memory is left to the strategy.
  if (steps_jointly(p) && args.most_states > 0) return nullptr;
  auto g = std::make_unique<odeon_row_gradient>(odeon_row_gradient{plan_for(p, args), args, {}});
  BackendSolve* solve = g->plan->solve.get();
  if (!solve) return nullptr;
  odeon_solve_args forward{};
  forward.struct_size = sizeof forward;
  forward.y0 = args.y0, forward.ys = args.ys;
  forward.times = args.times, forward.n_times = args.n_times;
  if (!solve->run(p, forward)) return nullptr;
  g->results.assign(solve->results().begin(), solve->results().end());
  for (const odeon_row_result& row : g->results)
    if (args.most_states > 0 && least_states(row.accepted) > args.most_states) return nullptr;
  return g;
}

void reverse_rows_by_backend(odeon_problem& p, odeon_row_gradient& g, const odeon_row_reverse_args& args) {
  if (cancel_requested()) throw Cancelled();
  const odeon_row_solve_args& f = g.args;
  const std::span<const double> times(f.times, static_cast<size_t>(f.n_times));
  const SolverChoice& back = g.plan->backwards;
  const bool adjoint = f.method == ODEON_SOLVE_GRADIENT_ADJOINT,
             fixed = p.solver.settings.control == Control::fixed,
             fixed_back = adjoint && back.settings.control == Control::fixed;
  odeon_step_settings settings{}, backward{};
  if (!fixed) settings = step_settings(p.solver, p);
  if (adjoint && !fixed_back) backward = settings_of(back, p);
  if (args.backward) {
    args.backward->rtol = backward.rtol, args.backward->atol = backward.atol;
    args.backward->rtol_vector = backward.rtol_vector, args.backward->atol_vector = backward.atol_vector;
  }
  odeon_solve_run solve{};
  solve.struct_size = sizeof solve;
  solve.batch = p.batch;
  solve.times = f.times, solve.n_times = f.n_times;
  solve.theta = p.theta.data ? &p.theta : nullptr;
  solve.y0 = f.y0, solve.ys = f.ys;
  solve.results = g.results.data();
  std::optional<FixedPoints> grid;
  if (fixed) {
    grid.emplace(p.solver.settings, times);
    solve.grid = grid->points.data(), solve.grid_times = grid->times.data();
    solve.n_grid = static_cast<int64_t>(grid->points.size());
  }
  const size_t ends = steps_jointly_back(p, back) ? 1 : g.results.size();
  std::vector<odeon_row_result> results(ends);
  std::vector<int64_t> failed_at(ends);
  std::vector<double> norms(2 * ends);
  std::optional<BackwardGrids> grids;
  odeon_solve_gradient_run r{};
  r.struct_size = sizeof r;
  r.settings = fixed ? nullptr : &settings;
  r.solve = &solve;
  r.gys = args.gys, r.gy0 = args.gy0, r.gtimes = args.gtimes;
  r.gtheta = p.shared_field->parameter_count() > 0 ? args.gtheta : nullptr;
  r.tape_limit = f.tape_limit, r.most_states = f.most_states;
  r.backward = adjoint && !fixed_back ? &backward : nullptr;
  if (fixed_back) {
    grids.emplace(back.settings, times);
    r.grid = grids->points.data(), r.grid_begin = grids->begin.data();
  }
  r.y_found = args.y_found;
  r.results = results.data(), r.failed_at = failed_at.data();
  r.state_norms = norms.data();
  Backend& b = *p.backend;
  call(b.name(), b.solve_gradient_api()->backward, g.plan->plan.get(), b.queue(), &r);
  p.counters->evaluations += r.evaluations;
  p.counters->vjps += r.products;
  p.tape->add(r.tape_bytes);
  p.tape->add(-r.tape_bytes);
  if (adjoint) check_backward_rows(p, g, results, failed_at, norms, args.failed_at);
}

}  // namespace odeon::host
