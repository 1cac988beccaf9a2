// Solvers for second-order systems: order, reversibility, energy over long times, and what they refuse.
#include "plugins/solvers/hand_stepped.hpp"
#include "plugins/solvers/observed_order.hpp"
#include "problems/driven_oscillator.hpp"
#include "problems/two_bodies.hpp"
#include "problems/travelling_phase.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

std::vector<std::string> second_order_ids() {
  return solver_ids_where([](const SolverTraits& s) { return s.second_order; });
}

bool is(const std::string& id, uint32_t capability) {
  return (solver_api(id).capabilities & capability) != 0;
}

std::string refusal(const Json& config) {
  try {
    solve(config);
  } catch (const std::exception& e) {
    return e.what();
  }
  return "";
}

const Json kOscillator{
    {"plugin", "expression"}, {"state", {"q", "v"}}, {"derivatives", {{"q", "v"}, {"v", "-q"}}}};

double oscillator_energy(const std::vector<double>& y) { return (y[0] * y[0] + y[1] * y[1]) / 2; }

// The largest deviation of the energy from its first value over the first and over the last tenth of the
// steps.
struct Drift {
  double early = 0, late = 0;
};
template <class Energy>
Drift energy_drift(const Json& config, double h, int64_t steps, Energy energy) {
  HandStepped s(config);
  s.start(0, double(steps) * h);
  const double e0 = energy(s.initial());
  Drift drift;
  for (int64_t i = 0; i < steps; ++i) {
    REQUIRE(s.step(h) == ODEON_OK);
    if (i >= steps / 10 && i < steps - steps / 10) continue;
    double& worst = i < steps / 10 ? drift.early : drift.late;
    worst = std::max(worst, std::abs(energy(s.state()) / e0 - 1));
  }
  return drift;
}

}  // namespace

TEST_CASE("a solver for second-order systems shows its order, forwards and backwards") {
  REQUIRE(second_order_ids().size() >= 3);
  for (const std::string& id : second_order_ids())
    for (const Problem& p : {two_bodies(), driven_oscillator()})
      for (bool forwards : {true, false}) {
        CAPTURE(id);
        CAPTURE(p.name);
        CAPTURE(forwards);
        const double from = forwards ? p.start : p.stop, to = forwards ? p.stop : p.start;
        const double order = observed_order(
            [&](double steps) {
              return error_with(p, {from, to}, {{"plugin", id}, {"step_size", (p.stop - p.start) / steps}});
            },
            96);
        CHECK(order > traits_of(id).order - kOrderBand);
        CHECK(order < traits_of(id).order + kOrderBand);
      }
}

TEST_CASE("a reversible solver comes back to where it began, to round-off") {
  constexpr double kRoundOff = 1e-13;
  constexpr int kSteps = 100;
  for (const std::string& id : second_order_ids()) {
    if (!is(id, ODEON_SOLVER_REVERSIBLE)) continue;
    CAPTURE(id);
    const Problem p = two_bodies();
    HandStepped s(experiment_of(p, {p.start, p.stop}, {{"plugin", id}}));
    s.start(p.start, p.stop);
    for (int i = 0; i < kSteps; ++i) REQUIRE(s.step(0.04) == ODEON_OK);
    for (int i = 0; i < kSteps; ++i) REQUIRE(s.step(-0.04) == ODEON_OK);
    CHECK(difference(s.state(), s.initial()) < kRoundOff);
  }
}

TEST_CASE(
    "symplectic solvers keep the energy of an oscillator bounded over 100000 periods, which rk4 loses") {
  constexpr int64_t kPeriods = 100'000, kStepsOfPeriod = 10;
  const double h = 2 * std::numbers::pi / kStepsOfPeriod;
  const Json base = {{"odeon", 1},
                     {"task", "solve"},
                     {"backend", "reference"},
                     {"field", kOscillator},
                     {"initial", {{1, 0}}},
                     {"times", {0., 628.}},
                     {"solver", {{"plugin", "rk4"}, {"step_size", h}}}};
  const std::vector<double> lost = states_of(solve(base));
  CHECK(oscillator_energy({lost[2], lost[3]}) < 0.9 * oscillator_energy({lost[0], lost[1]}));
  constexpr double kGrowth = 1.01;
  for (const std::string& id : second_order_ids()) {
    if (!is(id, ODEON_SOLVER_SYMPLECTIC)) continue;
    CAPTURE(id);
    Json config = base;
    config["solver"] = {{"plugin", id}};
    const Drift drift = energy_drift(config, h, kPeriods * kStepsOfPeriod, oscillator_energy);
    CHECK(drift.early < 0.2);
    CHECK(drift.late < kGrowth * drift.early);
  }
}

TEST_CASE("symplectic solvers keep the energy of Kepler's orbits bounded") {
  const Problem p = two_bodies();
  const auto energy = [](const std::vector<double>& y) {
    double sum = 0;
    for (size_t i = 0; i < y.size(); i += 4)
      sum += (y[i + 2] * y[i + 2] + y[i + 3] * y[i + 3]) / 2 - 1 / std::hypot(y[i], y[i + 1]);
    return sum;
  };
  constexpr double kGrowth = 1.05;
  for (const std::string& id : second_order_ids()) {
    if (!is(id, ODEON_SOLVER_SYMPLECTIC)) continue;
    CAPTURE(id);
    const Drift drift = energy_drift(experiment_of(p, {0, 1}, {{"plugin", id}}), 0.1, 60'000, energy);
    CHECK(drift.early < 0.02);
    CHECK(drift.late < kGrowth * drift.early);
  }
}

TEST_CASE("a row of a second-order system has the same bits alone and in a batch") {
  for (const std::string& id : second_order_ids()) {
    CAPTURE(id);
    const Problem p = two_bodies();
    Json config = experiment_of(p, {0, 1}, {{"plugin", id}, {"step_size", 0.05}});
    const std::vector<double> together = states_of(solve(config));
    for (size_t row = 0; row < 3; ++row) {
      config["initial"] = {p.initial[row]};
      const std::vector<double> alone = states_of(solve(config));
      for (size_t i = 0; i < 4; ++i) CHECK(alone[4 + i] == together[12 + 4 * row + i]);
    }
  }
}

TEST_CASE("a solver for second-order systems takes the evaluations of its stages") {
  const auto evaluations = [](const std::string& id, double step_size) {
    const auto result = solve(experiment_of(two_bodies(), {0, 4}, {{"plugin", id}, {"step_size", step_size}}));
    return result.record["counters"]["forward"]["evaluations"].get<int>();
  };
  for (const auto& [id, stages] :
       {std::pair<std::string, int>{"leapfrog", 1}, {"velocity_verlet", 1}, {"yoshida4", 3}})
    CHECK(evaluations(id, 1. / 32) - evaluations(id, 1. / 16) == 64 * stages);
}

TEST_CASE("solvers for second-order systems refuse other systems and say what to do") {
  const auto refused = [](Json field, Json initial, const std::string& id) {
    return refusal({{"odeon", 1},
                    {"task", "solve"},
                    {"field", field},
                    {"initial", initial},
                    {"times", {0, 1}},
                    {"solver", {{"plugin", id}, {"step_size", 0.1}}}});
  };
  Json damped = kOscillator, swapped = kOscillator;
  damped["derivatives"]["v"] = "-q - 0.1*v";
  swapped["derivatives"] = {{"q", "-v"}, {"v", "q"}};
  for (const std::string& id : second_order_ids()) {
    CAPTURE(id);
    CHECK(refused(kOscillator, {{1, 0}}, id) == "");
    // At rest, too, where the damping does not show yet.
    CHECK(refused(damped, {{1, 0}}, id).find("dv/dt changes with v, as damping does; choose a solver") !=
          std::string::npos);
    CHECK(refused(swapped, {{1, 0}}, id).find("is not the second half of its state; order the state so") !=
          std::string::npos);
    CHECK(refused(travelling_phase().field, {{1}}, id).find("but one row has 1 elements") !=
          std::string::npos);
  }
}
