#include "conformance/solver_resources.hpp"

#include <cmath>
#include <thread>

#include "conformance/allocations.hpp"
#include "conformance/solver_case.hpp"
#include "conformance/threads.hpp"
#include "embed/application_field.hpp"

namespace odeon::host::conformance {
namespace {

// A tolerance with many steps in little time.
std::string many_steps(const SolverCase& c) {
  return c.adaptive ? SolverCase::tolerance(1e-5) : SolverCase::fixed(0.01);
}

}  // namespace

Finding steps_do_not_allocate(const Subject& s) {
  if (!allocations()) return skip("allocations cannot be counted in this build");
  const SolverCase c(s);
  const TestProblem p = c.driven();
  const auto computation = make_computation(s, p.field, many_steps(c), p.initial.shape[0]);
  struct Counted {
    long allocations;
    int64_t steps, rejected;
  };
  const auto solve_to = [&](double stop) {
    const double times[] = {p.start, stop};
    const long before = *allocations();
    computation->solve(times, p.initial);
    const Counters& n = computation->forward.counters;
    return Counted{*allocations() - before, n.accepted, n.rejected};
  };
  solve_to(p.stop);  // what the first solve sets up stays
  const Counted few = solve_to(p.start + 0.5), many = solve_to(p.start + 4);
  const int64_t steps = many.steps - few.steps;
  if (steps < 2)
    return fail("a span that is eight times as long takes only " + std::to_string(steps) + " more steps");
  // A rejection may leave the step as an exception, which is allocated, copied and named.
  constexpr int64_t kPerRejection = 4;
  if (std::abs(many.allocations - few.allocations) > kPerRejection * (many.rejected + few.rejected))
    return fail(std::to_string(many.allocations - few.allocations) + " in " + std::to_string(steps) +
                " steps");
  return pass("none in " + std::to_string(steps) + " steps");
}

Finding solves_start_no_thread(const Subject& s) {
  const SolverCase c(s);
  const ThreadWatch watch(s);
  int most = 0;
  FunctionField f;
  f.id = "watching";
  f.state_shape = {2};
  f.f = [&](double, std::span<const double> y, std::span<double> dy) {
    most = std::max(most, thread_count());
    dy[0] = y[1], dy[1] = -y[0];
  };
  const auto computation = make_computation(s, to_component(f), c.usual(1), 1);
  const double times[] = {0, 0.2};
  computation->solve(times, Array::of({1, 0}, {1, 2}));
  return watch.verdict(std::max(most, thread_count()));
}

Finding instances_are_independent(const Subject& s) {
  const SolverCase c(s);
  const TestProblem a = c.driven(), b = two_bodies();
  const std::vector<double> times_a{a.start, a.stop}, times_b{b.start, b.start + 0.7};
  const std::string options_a = c.usual(2), options_b = many_steps(c);
  const std::vector<double> alone_a = solve(s, a, times_a, options_a),
                            alone_b = solve(s, b, times_b, options_b);

  std::vector<double> found_a, found_b;
  std::thread first([&] { found_a = solve(s, a, times_a, options_a); });
  std::thread second([&] {
    for (int i = 0; i < 20; ++i) found_b = solve(s, b, times_b, options_b);
  });
  first.join();
  second.join();
  if (found_a != alone_a || found_b != alone_b) return fail("in two threads they give other bits than alone");

  // One inside of the other: a whole solve during an evaluation.
  int evaluations = 0;
  const auto run_with = [&](const std::function<void()>& inside) {
    FunctionField f;
    f.id = "outer";
    f.state_shape = {2};
    f.f = [&](double t, std::span<const double> y, std::span<double> dy) {
      if (++evaluations == 12) inside();
      dy[0] = y[1], dy[1] = -y[0] * (1 + 0.1 * t);
    };
    evaluations = 0;
    const auto computation = make_computation(s, to_component(f), c.usual(2), 1);
    const double times[] = {0, 2};
    computation->solve(times, Array::of({1, 0}, {1, 2}));
    return computation->states().to_doubles();
  };
  const std::vector<double> alone = run_with([] {});
  const std::vector<double> nested = run_with([&] { found_b = solve(s, b, times_b, options_b); });
  if (nested != alone || found_b != alone_b) return fail("taking turns they give other bits than alone");
  return pass("");
}

}  // namespace odeon::host::conformance
