#include "conformance/solver_runs.hpp"

#include <cmath>

#include "conformance/solver_case.hpp"
#include "conformance/stepping_case.hpp"
#include "data/error.hpp"
#include "embed/application_field.hpp"
#include "engine/failure.hpp"
#include "loader/host_table.hpp"

namespace odeon::host::conformance {
namespace {

// A field of one row [q, v] with q' = v, v' = -q, whose function is called first.
LoadedComponent spring(std::function<void(double t)> before) {
  FunctionField f;
  f.id = "spring";
  f.state_shape = {2};
  f.f = [before = std::move(before)](double t, std::span<const double> y, std::span<double> dy) {
    before(t);
    dy[0] = y[1], dy[1] = -y[0];
  };
  return to_component(f);
}

constexpr int kNever = 1000000000;
const Array kStart = Array::of({1, 0}, {1, 2});
constexpr double kTimes[] = {0, 2};

std::vector<double> solved(Computation& c, std::span<const double> times = kTimes) {
  c.solve(times, kStart);
  return c.states().to_doubles();
}

}  // namespace

Finding solves(const Subject& s) {
  const SolverCase c(s);
  const TestProblem p = c.driven();
  const std::vector<double> times{p.start, (p.start + p.stop) / 2, p.stop};
  const auto computation = make_computation(s, p.field, c.usual(p.stop - p.start), p.initial.shape[0]);
  computation->solve(times, p.initial);
  const std::vector<double> states = computation->states().to_doubles();
  std::vector<double> exact;
  for (const double t : times)
    for (const double x : p.exact(t)) exact.push_back(x);
  // Of the weakest method with a hundred steps.
  constexpr double kRough = 0.05;
  const double error = root_mean_square(states, exact);
  const Counters& n = computation->forward.counters;
  const std::string figure = text("error %.1e", error) + " after " + std::to_string(n.evaluations) +
                             " evaluations in " + std::to_string(n.accepted) + " steps";
  return error < kRough ? pass(figure) : fail(figure + " of " + p.name);
}

Finding is_deterministic(const Subject& s) {
  const SolverCase c(s);
  const TestProblem p = c.driven();
  const std::string options = c.usual(p.stop - p.start);
  const std::vector<double> times{p.start, p.start + 0.3, p.stop};
  const std::vector<double> first = solve(s, p, times, options);
  for (int i = 0; i < 3; ++i)
    if (solve(s, p, times, options) != first) return fail("another instance gives other bits");
  return pass("");
}

Finding computes_in_single_precision(const Subject& s) {
  const SolverCase c(s);
  const TestProblem p = c.driven();
  const double times[] = {p.start, p.stop};
  const std::string options = c.adaptive ? SolverCase::tolerance(1e-4) : c.usual(p.stop - p.start);
  const auto run = [&](int32_t dtype) {
    const auto computation = make_computation(s, p.field, options, p.initial.shape[0], dtype);
    computation->solve(times, p.initial);
    return computation->states().to_doubles();
  };
  // Step choices may differ too, within the tolerance.
  constexpr double kSingle = 5e-3;
  const double difference = root_mean_square(run(ODEON_F32), run(ODEON_F64));
  const std::string figure = text("differs from double precision by %.1e", difference);
  return difference < kSingle ? pass(figure) : fail(figure);
}

Finding takes_no_step_without_a_span(const Subject& s) {
  const SolverCase c(s);
  const auto computation = make_computation(s, spring([](double) {}), c.usual(1), 1);
  const double start[] = {1}, next[] = {1, std::nextafter(1, 2)};
  if (solved(*computation, start) != std::vector<double>{1, 0})
    return fail("the state at the only time is not the initial one");
  if (computation->forward.counters.accepted != 0)
    return fail("a step where only the initial state was asked for");
  const std::vector<double> y = solved(*computation, next);
  constexpr double kLittle = 1e-14;  // in a span of 2e-16
  if (!(std::abs(y[2] - 1) < kLittle && std::abs(y[3]) < kLittle))
    return fail(text("the state moved by %.3g in the smallest span of time", std::hypot(y[2] - 1, y[3])));
  if (s.api<odeon_solver_api>().tableau) return pass("");
  const TestProblem p = c.driven();
  SteppingCase(s, p).start(p.start, p.start, p.initial.to_doubles());  // an error throws
  return pass("");
}

Finding fails_where_the_field_is_not_a_number(const Subject& s) {
  const SolverCase c(s);
  constexpr double kBreaks = 0.5, kRoundOff = 1e-12;  // of a sum of steps
  // y' = 1 as long as there is a field.
  const auto field = [](double breaks) {
    FunctionField f;
    f.id = "breaks";
    f.state_shape = {2};
    f.f = [breaks](double t, std::span<const double> y, std::span<double> dy) {
      dy[0] = y[1], dy[1] = t > breaks ? NAN : 1.0;
    };
    return to_component(f);
  };
  for (const double breaks : {kBreaks, -1.0}) {
    const auto computation = make_computation(s, field(breaks), c.usual(2, ", max_steps: 3000"), 1);
    const double times[] = {0, 0.25, 2};
    const std::string where = breaks > 0 ? " from t = 0.5 on" : " everywhere";
    try {
      computation->solve(times, kStart);
      return fail("a solve ends well though the field is not a number" + where);
    } catch (const SolveFailed& e) {
      if (breaks > 0 && !(e.failure().t <= kBreaks + kRoundOff))
        return fail(text("time went on to t = %g", e.failure().t) + ", though the field is not a number" +
                    where);
    }
    const std::vector<double> y = computation->states().to_doubles();
    if (breaks > 0 && !(std::isfinite(y[2]) && std::isfinite(y[3])))
      return fail("the state before the field broke is not finite");
    if (std::isfinite(y[4]) || std::isfinite(y[5]))
      return fail("a state behind the failure was given as a good one");
  }
  return pass("");
}

// The wish to stop comes during an evaluation (the host looks for it between steps), or the field itself ends
// the run with ODEON_CANCELLED.
Finding stops_when_cancelled(const Subject& s) {
  const SolverCase c(s);
  constexpr int kBefore = 15, kPatience = 2000;  // evaluations until the wish, and after it
  for (const bool by_field : {false, true}) {
    int evaluations = -kNever;
    const LoadedComponent field = spring([&](double) {
      if (++evaluations == kBefore && by_field) throw Cancelled();
      if (evaluations == kBefore) request_cancel();
      if (evaluations > kBefore + (by_field ? 0 : kPatience))
        throw RunError("it evaluates " + std::to_string(evaluations - kBefore) +
                       " times after the wish to stop");
    });
    const auto computation =
        make_computation(s, field, c.adaptive ? SolverCase::tolerance(1e-9) : c.usual(2), 1);
    const std::vector<double> good = solved(*computation);
    evaluations = 0;
    try {
      solved(*computation);
      return fail("a solve ends well after the wish to stop");
    } catch (const Cancelled&) {
    }
    clear_cancel();
    evaluations = -kNever;
    if (solved(*computation) != good)
      return fail("the same solve gives other bits after one that was cancelled");
  }
  return pass("");
}

Finding passes_errors_of_the_field_on(const Subject& s) {
  const SolverCase c(s);
  constexpr const char* kText = "the field cannot go on, reason 4711";
  int left = kNever;
  const LoadedComponent field = spring([&](double) {
    if (--left == 0) throw RunError(kText);
  });
  const auto computation = make_computation(s, field, c.usual(2), 1);
  const std::vector<double> good = solved(*computation);
  for (const int at : {1, 2, 7, 30}) {
    left = at;
    try {
      solved(*computation);
      return fail("a solve ends well though the field failed in its evaluation " + std::to_string(at));
    } catch (const std::exception& e) {
      if (std::string(e.what()).find(kText) == std::string::npos)
        return fail("the field's own words are lost; found '" + std::string(e.what()) + "'");
    }
    if (left != 0)
      return fail("the field was evaluated again after its failure in evaluation " + std::to_string(at));
    left = kNever;
    if (solved(*computation) != good) return fail("the same solve gives other bits after one that failed");
  }
  return pass("");
}

}  // namespace odeon::host::conformance
