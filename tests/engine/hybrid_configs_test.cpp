// The hybrid systems in configs/, against their closed forms.
#include "engine/event_case.hpp"
#include "experiment/run.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

host::RunResult run(const std::string& name) {
  const std::string path = std::string(ODEON_SOURCE_DIR) + "/configs/" + name;
  return host::run_solve(host::read_experiment(host::load_source({path, {}, {}}), path, installed()),
                         installed());
}

void check_times(const std::vector<double>& found, const std::vector<double>& exact, double tolerance) {
  REQUIRE(found.size() == exact.size());
  for (size_t i = 0; i < exact.size(); ++i) CHECK(std::abs(found[i] - exact[i]) < tolerance);
}

}  // namespace

TEST_CASE("configs/bouncing_ball.yaml bounces when a ball does") {
  constexpr double kGravity = 9.81, kRestitution = 0.9;
  // A parabola is integrated without truncation error; what is left is round-off.
  constexpr double kRoundOff = 1e-12;
  double t = std::sqrt(2 / kGravity), v = kGravity * t;
  std::vector<double> bounces, apexes;
  while (t < 5) {
    bounces.push_back(t);
    v *= kRestitution;
    if (t + v / kGravity < 5) apexes.push_back(t + v / kGravity);
    t += 2 * v / kGravity;
  }
  const auto result = run("bouncing_ball.yaml");
  check_times(times_of(events_of(result), "bounce"), bounces, kRoundOff);
  check_times(times_of(events_of(result), "apex"), apexes, kRoundOff);
  for (const host::EventRecord& e : events_of(result))
    if (e.name == "bounce") CHECK(e.after[1] == -kRestitution * e.before[1]);
  const double since = 5 - bounces.back();
  CHECK(std::abs(states_of(result).rbegin()[0] - (v - kGravity * since)) < kRoundOff);
}

TEST_CASE("configs/bouncing_ball_gradient.yaml differentiates the times of two bounces") {
  // From rest at height y: t1 = s / g and t2 = t1 + 2 e s / g with s = sqrt(2 g y), so the loss is (2 + 2 e)
  // s / g.
  constexpr double kGravity = 9.81, kRestitution = 0.9, kHeight = 1, kRoundOff = 1e-10;
  const std::string path = std::string(ODEON_SOURCE_DIR) + "/configs/bouncing_ball_gradient.yaml";
  const auto result = host::run_gradient(
      host::read_experiment(host::load_source({path, {}, {}}), path, installed()), installed());
  const double s = std::sqrt(2 * kGravity * kHeight), loss = (2 + 2 * kRestitution) * s / kGravity;
  const std::vector<double> by_parameters = parameter_gradients(result);
  CHECK(array_of(result, "grad_initial.npy").at(0) ==
        doctest::Approx(loss / (2 * kHeight)).epsilon(kRoundOff));
  CHECK(by_parameters[0] == doctest::Approx(-loss / (2 * kGravity)).epsilon(kRoundOff));
  CHECK(by_parameters[1] == doctest::Approx(2 * s / kGravity).epsilon(kRoundOff));
}

TEST_CASE("configs/thermostat.yaml switches when its cycle does") {
  constexpr double kRate = 0.1, kOutside = 5, kPower = 3, kLow = 19, kHigh = 21;
  constexpr double kTop = kOutside + kPower / kRate;  // where heating would lead
  // Thirty steps and sixteen events at rtol 1e-10.
  constexpr double kTolerance = 1e-7;
  const double heating = std::log((kTop - kLow) / (kTop - kHigh)) / kRate,
               cooling = std::log((kHigh - kOutside) / (kLow - kOutside)) / kRate;
  std::vector<double> hot, cold;
  for (double t = std::log((kTop - 15) / (kTop - kHigh)) / kRate; t < 24; t += heating) {
    hot.push_back(t);
    t += cooling;
    if (t < 24) cold.push_back(t);
  }
  const auto result = run("thermostat.yaml");
  check_times(times_of(events_of(result), "hot"), hot, kTolerance);
  check_times(times_of(events_of(result), "cold"), cold, kTolerance);
  const std::vector<double> states = states_of(result);
  for (size_t i = 40; i < states.size(); i += 2) {
    CHECK(states[i] > kLow - kTolerance);
    CHECK(states[i] < kHigh + kTolerance);
    CHECK((states[i + 1] == 0 || states[i + 1] == 1));
  }
}
