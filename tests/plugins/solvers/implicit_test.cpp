// Implicit tableaus: hard ends, wide states, what Newton's iteration does and says, what symmetry keeps.
#include "plugins/solvers/observed_order.hpp"
#include "plugins/solvers/stiff_runs.hpp"
#include "plugins/solvers/wide_state.hpp"
#include "problems/solver_claims.hpp"
#include "problems/travelling_phase.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

enum class Steps { controlled, fixed };

std::vector<std::string> implicit_ids(Steps steps) {
  std::vector<std::string> ids;
  for (const std::string& id : solver_ids()) {
    const odeon_solver_api& api = solver_api(id);
    const SolverTraits s = traits_of(id);
    if (api.tableau && !s.is_explicit && s.controlled == (steps == Steps::controlled)) ids.push_back(id);
  }
  REQUIRE(ids.size() >= 2);
  return ids;
}

// What a property of the tableau says of every pair of stages: 0 where it holds.
template <class Defect>
double largest(const odeon_tableau& m, Defect defect) {
  double most = 0;
  for (int i = 0; i < m.stages; ++i)
    for (int j = 0; j < m.stages; ++j) most = std::max(most, std::abs(defect(i, j)));
  return most;
}
constexpr double kRoundOff = 1e-14;

// Its steps are undone by steps of -h. Hairer, Lubich and Wanner, Geometric Numerical Integration (2006),
// V.2.
bool is_symmetric(const odeon_tableau& m) {
  const int s = m.stages;
  return largest(m, [&](int i, int j) {
           return m.a[(s - 1 - i) * s + s - 1 - j] + m.a[i * s + j] - m.b[j];
         }) < kRoundOff;
}

// It keeps quadratic invariants (there, IV.2).
bool is_canonical(const odeon_tableau& m) {
  const int s = m.stages;
  return largest(m, [&](int i, int j) {
           return m.b[i] * m.a[i * s + j] + m.b[j] * m.a[j * s + i] - m.b[i] * m.b[j];
         }) < kRoundOff;
}

Json controlled(const std::string& id, double tolerance) {
  return {{"plugin", id}, {"rtol", tolerance}, {"atol", tolerance}};
}

// u = y - 1 decays by u' = -1e4 u^3 from 2, whose first step Newton's iteration does not survive.
Json steep(const Json& solver) {
  return stiff_experiment(expression({"-1e4*(y1 - 1)^3"}), {3}, {0, 2}, solver);
}

}  // namespace

TEST_CASE("implicit methods reach hard ends within ten times the tolerance") {
  for (const std::string& id : implicit_ids(Steps::controlled))
    check_hard_ends({{"plugin", id}},
                    traits_of(id).order < 3 ? std::vector{1e-2, 1e-3} : std::vector{1e-3, 1e-5, 1e-7});
}

TEST_CASE("implicit methods solve stiff problems in float32") {
  for (const std::string& id : implicit_ids(Steps::controlled))
    check_float32_ends({{"plugin", id}}, {1e-2, 1e-3});
}

TEST_CASE("implicit methods solve backwards in time what is stiff there") {
  for (const std::string& id : implicit_ids(Steps::controlled)) check_stiff_backwards({{"plugin", id}});
}

TEST_CASE("implicit methods give the gradients of an explicit method by the adjoint") {
  for (const std::string& id : implicit_ids(Steps::controlled)) check_adjoint_converges({{"plugin", id}});
}

TEST_CASE("implicit methods solve wide states by GMRES as well as narrow ones by dense factors") {
  for (const std::string& id : implicit_ids(Steps::controlled))
    check_controlled_wide_states({{"plugin", id}});
  for (const std::string& id : implicit_ids(Steps::fixed))  // ten steps
    check_wide_states({{"plugin", id}, {"step_size", 0.1}}, traits_of(id).order == 1 ? 0.1 : 0.01);
}

TEST_CASE("implicit methods keep Jacobians and factors over steps") {
  const Problem p = robertson();
  for (const std::string& id : implicit_ids(Steps::controlled)) {
    CAPTURE(id);
    const auto result = solve(stiff_experiment(p.field, p.initial[0], {p.start, p.stop},
                                               {{"plugin", id}, {"rtol", 1e-5}, {"atol", 1e-11}}));
    const int64_t tried = counter(result, "accepted") + counter(result, "rejected");
    CHECK(counter(result, "jacobians") < tried);
    CHECK(counter(result, "factorizations") < counter(result, "linear_solves") / 4);
  }
}

TEST_CASE("where Newton's iteration diverges the step is rejected, and named if it was the last one") {
  constexpr double kTolerance = 1e-6;
  const double end = 1 + 2 / std::sqrt(1 + 2e4 * 2 * 2 * 2);
  for (const std::string& id : implicit_ids(Steps::controlled)) {
    CAPTURE(id);
    Json solver = controlled(id, kTolerance);
    solver["first_step"] = 1;
    const auto result = solve(steep(solver));
    CHECK(counter(result, "rejected") > 0);
    CHECK(std::abs(end_state(result)[0] - end) < kOverTolerance * kTolerance);
    solver["max_steps"] = 1;
    const std::string text = complaint(steep(solver));
    CHECK(contains(text, "because Newton's iteration for the stages did not converge at t = 0"));
  }
}

TEST_CASE("where fixed steps cannot be solved for, the message names time, step and remedy") {
  for (const std::string& id : implicit_ids(Steps::fixed)) {
    CAPTURE(id);
    // From t = 0.49 on, the solution would slide along the jump at y = 0.
    const std::string text = complaint(stiff_experiment(expression({"cos(t) - 3*y1/abs(y1)"}), {1}, {0, 2},
                                                        {{"plugin", id}, {"step_size", 0.01}}));
    CHECK(contains(text, "Newton's iteration for the stages did not converge at t = 0.49 with step 0.01"));
    CHECK(contains(text, "use a smaller step_size, or use step control with an adaptive method"));
  }
  const std::string singular = complaint(
      stiff_experiment(expression({"y1"}), {1}, {0, 2}, {{"plugin", "implicit_euler"}, {"step_size", 1}}));
  CHECK(contains(singular, "the linear system of the stages could not be solved at t = 0 with step 1"));
}

TEST_CASE("implicit methods name a field that has no value") {
  for (const std::string& id : implicit_ids(Steps::controlled)) {
    CAPTURE(id);
    const std::string text =
        complaint(stiff_experiment(expression({"sqrt(0.5 - t) - y1"}), {1}, {0, 2}, controlled(id, 1e-6)));
    CHECK(contains(text, "because the field gave non-finite values at t = 0.5"));
  }
}

TEST_CASE("steps of symmetric methods are undone by steps back in time, those of others are not") {
  constexpr double kNewton = 1e-12, kMiss = 1e-9;
  int symmetric = 0;
  for (const std::string& id : implicit_ids(Steps::fixed)) {
    CAPTURE(id);
    const Problem p = travelling_phase();
    const Json solver{{"plugin", id}, {"step_size", (p.stop - p.start) / 20}};
    Json back = experiment_of(p, {p.stop, p.start}, solver);
    const auto there = solve(experiment_of(p, {p.start, p.stop}, solver));
    std::vector<std::vector<double>> rows;
    const std::vector<double> ends = end_state(there);
    const size_t width = p.initial[0].size();
    for (size_t r = 0; r < p.initial.size(); ++r)
      rows.emplace_back(ends.begin() + static_cast<long>(r * width),
                        ends.begin() + static_cast<long>((r + 1) * width));
    back["initial"] = rows;
    std::vector<double> begin;
    for (const auto& row : p.initial) begin.insert(begin.end(), row.begin(), row.end());
    const double off = difference(end_state(solve(back)), begin);
    const bool should = is_symmetric(*solver_api(id).tableau);
    symmetric += should;
    if (should) CHECK(off < kNewton);
    if (!should) CHECK(off > kMiss);
  }
  CHECK(symmetric >= 5);
}

TEST_CASE("canonical methods keep the norm of a rotation over a thousand steps, those of others do not") {
  constexpr double kNewton = 1e-11, kMiss = 1e-6;
  int canonical = 0;
  for (const std::string& id : implicit_ids(Steps::fixed)) {
    CAPTURE(id);
    // A rotation with an angular velocity that depends on the state, so that trapezoid is no exception.
    const auto result = solve(stiff_experiment(expression({"(1 + y1^2)*y2", "-(1 + y1^2)*y1"}), {0.6, 0.8},
                                               {0, 100}, {{"plugin", id}, {"step_size", 0.1}}));
    const std::vector<double> y = end_state(result);
    const double off = std::abs(std::hypot(y[0], y[1]) - 1);
    const bool should = is_canonical(*solver_api(id).tableau);
    canonical += should;
    if (should) CHECK(off < kNewton);
    if (!should) CHECK(off > kMiss);
  }
  CHECK(canonical >= 4);
}
