// CVODE: its two methods and their orders, dense output, float32, gradients, and what it complains of.
#include "plugins/solvers/own_steps.hpp"
#include "plugins/solvers/stiff_runs.hpp"
#include "plugins/solvers/wide_state.hpp"
#include "problems/free_body.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

// Tests of a plugin that is built only where its library is found.
bool is_built() {
  const bool found = installed().find(ODEON_KIND_SOLVER, "cvode") != nullptr;
  if (!found) MESSAGE("skipped: cvode is not built; CMake said why (SUNDIALS 6 was not found)");
  return found;
}

const Json kBdf{{"plugin", "cvode"}, {"method", "bdf"}}, kAdams{{"plugin", "cvode"}, {"method", "adams"}};

Json with(Json solver, const Json& options) {
  solver.update(options);
  return solver;
}

Json with_tolerance(const Json& solver, double tolerance) {
  return with(solver, {{"rtol", tolerance}, {"atol", tolerance}});
}

// The solver on y' = f from y = start to t = 2.
std::string complaint_on(const std::string& f, double start, const Json& solver) {
  return complaint(stiff_experiment(expression({f}), {start}, {0, 2}, solver));
}

}  // namespace

TEST_CASE("cvode's Adams method raises its order with the accuracy that is asked for, up to max_order") {
  if (!is_built()) return;
  const Problem p = free_body();
  const auto highest = [&](double tolerance, int limit) {
    HandStepped s(
        experiment_of(p, {p.start, p.stop}, with(with_tolerance(kAdams, tolerance), {{"max_order", limit}})));
    int most = 0;
    run_through(s, p, [&](double) { most = std::max(most, s.order); });
    return most;
  };
  CHECK(highest(1e-4, 12) < highest(1e-12, 12));
  CHECK(highest(1e-12, 12) > 6);
  for (int limit : {1, 2, 4}) CHECK(highest(1e-7, limit) == limit);
}

TEST_CASE("cvode's BDF takes more steps the lower its orders may be") {
  if (!is_built()) return;
  int64_t fewer = 0;
  for (int order : {5, 3, 2, 1}) {
    const Problem p = hires();
    const auto result = solve(stiff_experiment(p.field, p.initial[0], {p.start, p.stop},
                                               with(with_tolerance(kBdf, 1e-5), {{"max_order", order}})));
    CAPTURE(order);
    CHECK(counter(result, "accepted") > fewer);
    fewer = counter(result, "accepted");
  }
}

TEST_CASE("cvode refuses orders that BDF has not, with the place and the remedy") {
  if (!is_built()) return;
  const std::string text = complaint_on("-y1", 1, with(kBdf, {{"max_order", 6}}));
  CHECK(contains(text, ".yaml:"));
  CHECK(contains(text, "'max_order' is 6, but bdf has orders up to 5; lower it, or choose method adams"));
}

TEST_CASE("cvode reaches hard ends within ten times the tolerance") {
  if (is_built()) check_hard_ends(kBdf, {1e-3, 1e-4});
}

TEST_CASE("cvode solves stiff problems in float32") {
  if (is_built()) check_float32_ends(kBdf, {1e-3, 1e-4});
}

TEST_CASE("cvode solves backwards in time what is stiff there") {
  if (is_built()) check_stiff_backwards(kBdf);
}

TEST_CASE("cvode gives the gradients of an explicit method by the adjoint") {
  if (!is_built()) return;
  for (const Json& solver : {kBdf, kAdams}) check_adjoint_converges(solver);
}

TEST_CASE("cvode solves wide states by GMRES as well as narrow ones by dense factors") {
  if (is_built()) check_controlled_wide_states(kBdf);
}

TEST_CASE("between its steps cvode is as accurate as at their ends, forwards and backwards") {
  if (!is_built()) return;
  const Problem p = free_body();
  constexpr double kGlobalOverLocal = 1000;  // of many steps with BDF
  std::vector<double> times;
  for (int i = 0; i <= 200; ++i) times.push_back(p.start + (p.stop - p.start) * i / 200);
  for (const Json& solver : {kBdf, kAdams})
    for (double tolerance : {1e-5, 1e-8}) {
      CAPTURE(solver.dump());
      CAPTURE(tolerance);
      const auto error = [&](const std::vector<double>& at) {
        return error_with(p, at, with_tolerance(solver, tolerance));
      };
      CHECK(error(times) < 2 * error({p.start, p.stop}) + tolerance);
      CHECK(error({times.rbegin(), times.rend()}) < kGlobalOverLocal * tolerance);
    }
}

TEST_CASE("cvode takes no step that is longer than max_step") {
  if (!is_built()) return;
  const auto result =
      solve(stiff_experiment(expression({"-y1"}), {1}, {0, 2}, with(kBdf, {{"max_step", 0.01}})));
  CHECK(counter(result, "accepted") >= 200);
}

TEST_CASE("what CVODE complains of becomes a message with time and remedy") {
  if (!is_built()) return;
  const std::string accuracy = complaint_on("-y1", 1, with(kBdf, {{"rtol", 1e-17}, {"atol", 0}}));
  CHECK(contains(accuracy, "CVODE stopped at t = 0 (flag -2)"));
  CHECK(contains(accuracy, "Loosen rtol and atol: they are below what a double can resolve."));

  const std::string zero = complaint_on("1 - y1", 0, with(kBdf, {{"atol", 0}, {"first_step", 0.1}}));
  CHECK(contains(zero, "an element of the state is zero where atol is zero"));
  CHECK(contains(zero, "raise atol"));

  const std::string diverged =
      complaint_on("-1e12*(y1 - cos(t))", 0, with(kAdams, {{"first_step", 1}, {"max_steps", 1}}));
  CHECK(contains(diverged, "the steps are limited because CVODE gave the step up: "));
  CHECK(contains(diverged, "the corrector convergence test failed"));

  const std::string domain = complaint_on("sqrt(0.5 - t) - y1", 1, kBdf);
  CHECK(contains(domain, "the step size fell below what time can resolve"));
  CHECK(contains(domain, "at t = 0.5"));

  const std::string stiff = complaint_on("-1e7*(y1 - cos(t))", 0, with(kAdams, {{"max_steps", 500}}));
  CHECK(contains(stiff, "max_steps (500) was reached"));
  CHECK(contains(stiff, "use a method for stiff problems"));
}
