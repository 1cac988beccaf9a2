// Tolerances, controllers and limits of the step size.
#include "experiment_case.hpp"
#include "problems/free_body.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

host::RunResult run(Json solver) {
  const Problem p = free_body();
  solver["plugin"] = "dopri5";
  return solve({{"odeon", 1},
                {"task", "solve"},
                {"field", p.field},
                {"initial", p.initial},
                {"times", {p.start, p.stop}},
                {"solver", solver}});
}

double error_of(const host::RunResult& result) {
  const Problem p = free_body();
  const std::vector<double> all = states_of(result), exact = p.exact_rows(p.stop);
  return difference({all.end() - 9, all.end()}, exact);
}

int64_t steps(const host::RunResult& result) { return result.record["counters"]["forward"]["accepted"]; }

}  // namespace

TEST_CASE("the error falls with the tolerance, and the steps grow as its fifth root") {
  const auto loose = run({{"rtol", 1e-5}, {"atol", 1e-7}}), tight = run({{"rtol", 1e-10}, {"atol", 1e-12}});
  CHECK(error_of(loose) < 1e-4);
  CHECK(error_of(tight) < 1e-9);
  const double growth = static_cast<double>(steps(tight)) / static_cast<double>(steps(loose));
  CHECK(growth > 5);  // ten in theory
  CHECK(growth < 20);
}

TEST_CASE("every controller reaches the tolerance") {
  for (const char* control : {"i", "pi", "pid", "pi33", "pi42", "h211pi", "h211b"}) {
    CAPTURE(control);
    const auto result = run({{"rtol", 1e-8}, {"atol", 1e-8}, {"control", control}});
    CHECK(error_of(result) < 1e-6);
    CHECK(steps(result) < 200);
  }
}

TEST_CASE("the norm of the largest element takes no fewer steps than the root mean square") {
  const auto rms = run({{"rtol", 1e-7}, {"atol", 1e-9}}),
             max = run({{"rtol", 1e-7}, {"atol", 1e-9}, {"norm", "max"}});
  CHECK(steps(max) >= steps(rms));
  CHECK(error_of(max) < 1e-5);
}

TEST_CASE("equal tolerances per element are one tolerance") {
  const auto scalar = run({{"rtol", 1e-6}, {"atol", 1e-8}});
  const auto vector = run({{"rtol", {1e-6, 1e-6, 1e-6}}, {"atol", {1e-8, 1e-8, 1e-8}}});
  CHECK(scalar.record["counters"] == vector.record["counters"]);
  CHECK(difference(states_of(vector), states_of(scalar)) < 1e-13);
}

TEST_CASE("no step is longer than max_step") {
  CHECK(steps(run({{"rtol", 1e-3}, {"atol", 1e-3}, {"max_step", 0.05}})) >= 80);
}

TEST_CASE("a first step that is far too long is rejected and shortened") {
  const auto result = run({{"rtol", 1e-8}, {"atol", 1e-8}, {"first_step", 4.0}});
  CHECK(result.record["counters"]["forward"]["rejected"] > 0);
  CHECK(error_of(result) < 1e-6);
}

TEST_CASE("own coefficients of step control are those of the named set") {
  const auto named = run({{"rtol", 1e-8}, {"atol", 1e-8}, {"control", "pi"}}),
             given = run({{"rtol", 1e-8}, {"atol", 1e-8}, {"coefficients", {0.7, -0.4}}});
  CHECK(states_of(named) == states_of(given));
}

TEST_CASE("no step crosses a breakpoint, in either direction of time") {
  // x' = 1 behind t = 1 and -1 before: without the breakpoint the kink costs many rejected steps.
  const auto kink = [](std::vector<double> times, Json breakpoints) {
    return solve(
        {{"odeon", 1},
         {"task", "solve"},
         {"field",
          {{"plugin", "expression"}, {"state", {"x"}}, {"derivatives", {{"x", "sign(t - 1) - 0.5*x"}}}}},
         {"initial", {{0.25}}},
         {"times", times},
         {"solver", {{"plugin", "dopri5"}, {"rtol", 1e-8}, {"atol", 1e-8}, {"breakpoints", breakpoints}}}});
  };
  const auto exact = [](double x0, double t0, double t1, double level) {
    return 2 * level + (x0 - 2 * level) * std::exp(-(t1 - t0) / 2);
  };
  for (const bool forward : {true, false}) {
    const std::vector<double> times = forward ? std::vector<double>{0, 1, 3} : std::vector<double>{3, 1, 0};
    const double at_one = exact(0.25, times[0], 1, forward ? -1 : 1),
                 at_end = exact(at_one, 1, times[2], forward ? 1 : -1);
    const auto with = kink(times, {7.0, 1.0, -2.0}), without = kink(times, {99.0});
    CHECK(with.record["counters"]["forward"]["rejected"] == 0);
    CHECK(without.record["counters"]["forward"]["rejected"] > 5);
    CHECK(std::abs(states_of(with)[1] - at_one) < 1e-7);
    CHECK(std::abs(states_of(with)[2] - at_end) < 1e-7);
  }
}
