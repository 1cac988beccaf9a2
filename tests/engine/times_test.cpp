// Requested times: they neither move the steps nor need an order of their own direction.
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

TEST_CASE("without a step size a fixed method steps from time to time") {
  const auto result = solve(experiment({0, 0.1, 0.3, 0.35}, {{"plugin", "rk4_classic"}}));
  CHECK(result.record["counters"]["forward"]["accepted"] == 3);
  CHECK(result.record["counters"]["forward"]["evaluations"] == 12);
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
