// Requested times: they neither move the steps nor need an order of their own direction.
#include <limits>
#include <odeon/host/session.hpp>

#include "experiment_case.hpp"
#include "problems/free_body.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

constexpr size_t kWidth = 3 * 3;  // rows times state

Json experiment(const std::vector<double>& times, Json solver) {
  const Problem p = free_body();
  return {{"odeon", 1},           {"task", "solve"}, {"backend", "cpu"}, {"field", p.field},
          {"initial", p.initial}, {"times", times},  {"solver", solver}};
}

}  // namespace

TEST_CASE("adaptive steps do not depend on the times in between") {
  const Json dopri5{{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-8}};
  const auto few = solve(experiment({0, 2.5}, dopri5));
  const auto many = solve(experiment({0, 0.1, 0.7, 0.70001, 2.5}, dopri5));
  CHECK(few.record["counters"]["forward"] == many.record["counters"]["forward"]);
  const std::vector<double> a = states_of(few), b = states_of(many);
  CHECK(std::equal(a.end() - kWidth, a.end(), b.end() - kWidth));
}

TEST_CASE("the first state is the initial one, bit for bit") {
  const auto states = states_of(solve(experiment({0, 1}, {{"plugin", "rk4"}, {"step_size", 0.3}})));
  const auto initial = free_body().initial;
  for (size_t i = 0; i < kWidth; ++i) CHECK(states[i] == initial[i / 3][i % 3]);
}

TEST_CASE("times that are not finite are refused, also those of embedding programs") {
  host::Session session;
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const std::string stepping : {"joint", "per_row"}) {
    host::Problem problem =
        session.problem({.field = "{plugin: expression, state: [y], derivatives: {y: -y}}",
                         .solver = "{plugin: dopri5, stepping: " + stepping + "}"});
    for (const std::vector<double>& times :
         std::vector<std::vector<double>>{{0, kNan}, {kNan}, {kNan, 0}, {0, kInfinity}, {0, 1, kNan}})
      CHECK_THROWS_WITH_AS(problem.solve(times, std::vector{1.0}),
                           doctest::Contains("times must be finite; entry"), host::Error);
  }
}

// -0.5 + 57 * 0.04 is more than 1.78.
TEST_CASE("steps whose number is rounded up do not go beyond the last time and back") {
  Json config = experiment({-0.5, 0.0, 1.78}, {{"plugin", "rk4"}, {"step_size", 0.04}});
  CHECK(solve(config).record["counters"]["forward"]["accepted"] == 57);
  config["times"] = {0.5, 0.0, -1.78};
  CHECK(solve(config).record["counters"]["forward"]["accepted"] == 57);
  config["task"] = "gradient";
  config["gradient"] = "direct";
  const auto slopes = [&] { return array_of(differentiate(config), "grad_times.npy").to_doubles(); };
  const std::vector<double> whole = slopes();
  config["times"] = {0.5, 0.0, -1.7799};
  CHECK(std::abs(whole[2] - slopes()[2]) < 1e-3 * std::abs(whole[2]));
}

TEST_CASE("times that a solve cannot have are the caller's mistake, as in a configuration") {
  host::Session session;
  host::Problem problem = session.problem(
      {.field = "{plugin: expression, state: [y], derivatives: {y: -y}}", .solver = "dopri5"});
  for (const std::vector<double>& times : std::vector<std::vector<double>>{{}, {0, 0}, {0, 1, 0.5}}) try {
      problem.solve(times, std::vector{1.0});
      FAIL("accepted");
    } catch (const host::Error& error) {
      CHECK(error.code() == host::ExitCode::bad_configuration);
    }
}

TEST_CASE("without a step size a fixed method steps from time to time") {
  const auto result = solve(experiment({0, 0.1, 0.3, 0.35}, {{"plugin", "rk4_classic"}}));
  CHECK(result.record["counters"]["forward"]["accepted"] == 3);
  CHECK(result.record["counters"]["forward"]["evaluations"] == 12);
}

// -0.33 + (1.84 - -0.33) is less than 1.84.
const std::vector<std::vector<double>> kRounded{
    {-0.33, 1.84}, {1.84, -0.33}, {0.13, 1.32}, {-1.69, -0.31, 2.0}};

TEST_CASE("a fixed step ends at its point of the grid, whatever its ends and its length round to") {
  REQUIRE(-0.33 + (1.84 - -0.33) < 1.84);
  for (const std::vector<double>& times : kRounded)
    for (const Json& solver : {Json{{"plugin", "rk4"}}, Json{{"plugin", "rk4"}, {"step_size", 10.0}},
                               Json{{"plugin", "dopri5"}, {"control", "fixed"}, {"interpolation", "cubic"}},
                               Json{{"plugin", "rk4"}, {"grid", {times.front(), times.back()}}}}) {
      CAPTURE(solver);
      Json config = experiment(times, solver);
      config["field"] = {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "2*t"}}}};
      config["initial"] = {{times[0] * times[0]}};
      const std::vector<double> states = states_of(solve(config));
      CHECK(states.back() == doctest::Approx(times.back() * times.back()).epsilon(1e-14));
    }
}

TEST_CASE("such a step is differentiated, too") {
  for (const std::vector<double>& times : kRounded)
    for (const char* gradient : {"direct", "checkpoint", "adjoint", "adjoint_interpolated", "forward"}) {
      CAPTURE(gradient);
      Json config = experiment(times, {{"plugin", "rk4"}});
      config["task"] = "gradient";
      config["field"] = {{"plugin", "expression"},
                         {"state", {"y"}},
                         {"parameters", {{"a", 2.0}}},
                         {"derivatives", {{"y", "a*t"}}}};
      config["initial"] = {{1.0}};
      Json cotangent = Json::array();
      for (size_t i = 0; i < times.size(); ++i) cotangent.push_back({{i + 1 == times.size() ? 1.0 : 0.0}});
      config["loss"] = {{"cotangent", cotangent}};
      config["gradient"] = gradient;
      const auto r = host::run_gradient(to_experiment(config, installed()), installed());
      const double t0 = times.front(), t1 = times.back();
      CHECK(parameter_gradients(r)[0] == doctest::Approx((t1 * t1 - t0 * t0) / 2).epsilon(1e-13));
      CHECK(array_of(r, "grad_initial.npy").to_doubles()[0] == doctest::Approx(1));
      CHECK(array_of(r, "grad_times.npy").to_doubles().back() == doctest::Approx(2 * t1));
    }
}

TEST_CASE("a step size whose quotient is rounded up leaves no step of no length at the end") {
  REQUIRE(std::ceil(2.5 / (2.5 / 61)) == 62);
  for (const char* solver : {"rk4", "reversible_heun"}) {
    const auto result = solve(experiment({0, 2.5}, {{"plugin", solver}, {"step_size", 2.5 / 61}}));
    CHECK(result.record["counters"]["forward"]["accepted"] == 61);
  }
}

TEST_CASE("a given grid is stepped as it is") {
  const auto by_times = solve(experiment({0, 0.1, 0.3, 1}, {{"plugin", "midpoint"}}));
  const auto by_grid = solve(experiment({0, 1}, {{"plugin", "midpoint"}, {"grid", {0, 0.1, 0.3, 1}}}));
  CHECK(by_grid.record["counters"]["forward"]["accepted"] == 3);
  const std::vector<double> a = states_of(by_times), b = states_of(by_grid);
  CHECK(std::equal(a.end() - kWidth, a.end(), b.end() - kWidth));
}

TEST_CASE("there and back again returns to the start") {
  const Json dopri5{{"plugin", "dopri5"}, {"rtol", 1e-10}, {"atol", 1e-12}};
  const auto there = states_of(solve(experiment({0, 2.5}, dopri5)));
  Json back = experiment({2.5, 0}, dopri5);
  for (size_t i = 0; i < kWidth; ++i) back["initial"][i / 3][i % 3] = there[kWidth + i];
  const auto states = states_of(solve(back));
  const auto initial = free_body().initial;
  constexpr double kTwoSolves = 1e-8;
  for (size_t i = 0; i < kWidth; ++i)
    CHECK(std::abs(states[kWidth + i] - initial[i / 3][i % 3]) < kTwoSolves);
}
