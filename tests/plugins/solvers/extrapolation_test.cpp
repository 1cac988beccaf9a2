// Extrapolation: its step numbers and weights, accuracy over many tolerances, long steps.
#include "plugins/solvers/own_steps.hpp"
#include "problems/free_body.hpp"
#include "problems/two_bodies.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

int counter(const host::RunResult& result, const char* name) {
  return result.record["counters"]["forward"][name].get<int>();
}

host::RunResult run(const std::string& id, double tolerance) {
  Problem p = two_bodies();
  return solve(experiment_of(p, {0, 20}, {{"plugin", id}, {"rtol", tolerance}, {"atol", tolerance}}));
}

}  // namespace

TEST_CASE("the error of extrapolation follows the tolerance over ten decades") {
  const Problem p = two_bodies();
  constexpr double kGlobalOverLocal = 1000;  // of three orbits with eccentricities up to 0.3
  double last = 1;
  for (double tolerance : {1e-4, 1e-5, 1e-7, 1e-9, 1e-11, 1e-13}) {
    CAPTURE(tolerance);
    const double error =
        error_with(p, {0, 20}, {{"plugin", "extrapolation"}, {"rtol", tolerance}, {"atol", tolerance}});
    CHECK(error < kGlobalOverLocal * tolerance);
    CHECK(error < last / 5);
    last = error;
  }
}

TEST_CASE("extrapolation raises its order with the accuracy that is asked for, up to twice max_rows") {
  const auto highest = [](double tolerance, int max_rows) {
    const Problem p = two_bodies();
    Json config = own_steps_config(p, "extrapolation", tolerance);
    config["solver"]["max_rows"] = max_rows;
    HandStepped s(config);
    int most = 0;
    run_through(s, p, [&](double) { most = std::max(most, s.order); });
    return most;
  };
  CHECK(highest(1e-3, 9) <= 8);
  CHECK(highest(1e-12, 9) >= 14);
  for (int rows : {3, 5}) {
    CHECK(highest(1e-10, rows) <= 2 * rows);
    CHECK(highest(1e-10, rows) >= 2 * rows - 2);  // of the last row there is seldom need
  }
}

TEST_CASE("at tight tolerances extrapolation takes fewer steps than dopri8, and its last ends with the run") {
  const auto own = run("extrapolation", 1e-12), peer = run("dopri8", 1e-12);
  CHECK(counter(own, "accepted") < counter(peer, "accepted") / 2);
  CHECK(counter(own, "evaluations") < 1.5 * counter(peer, "evaluations"));
  // y' = y / (2 - t) has no value beyond t = 2.
  const Json field{{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "sqrt(2 - t)"}}}};
  const auto result = solve({{"odeon", 1},
                             {"task", "solve"},
                             {"field", field},
                             {"initial", {{0}}},
                             {"times", {0, 1.9}},
                             {"solver", {{"plugin", "extrapolation"}, {"max_step", 1}}}});
  CHECK(states_of(result)[1] ==
        doctest::Approx(2. / 3 * (std::pow(2, 1.5) - std::pow(0.1, 1.5))).epsilon(1e-6));
}
