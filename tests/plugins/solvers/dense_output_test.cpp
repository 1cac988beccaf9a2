// Dense output of the solvers that choose their steps themselves.
#include "plugins/solvers/own_steps.hpp"
#include "problems/free_body.hpp"
#include "problems/travelling_phase.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

constexpr double kRoundOff = 1e-12;

template <class Check>
void for_each_case(Check check) {
  for (const std::string id : {"adams", "extrapolation"})
    for (const Problem& p : {free_body(), travelling_phase()}) check(id, p);
}

}  // namespace

TEST_CASE("values between steps are as accurate as the steps, forwards and backwards") {
  constexpr double kBetweenOverEnds = 2;
  for_each_case([](const std::string& id, const Problem& p) {
    for (double tolerance : {1e-4, 1e-7, 1e-10}) {
      CAPTURE(id);
      CAPTURE(p.name);
      CAPTURE(tolerance);
      HandStepped s(own_steps_config(p, id, tolerance));
      double at_ends = 0, between = 0;
      run_through(s, p, [&](double before) {
        at_ends = std::max(at_ends, most_off(s.state(), p.exact_rows(s.t)));
        for (double x : {0.1, 0.3, 0.5, 0.7, 0.9}) {
          const double t = before + x * (s.t - before);
          between = std::max(between, most_off(s.interpolated(t), p.exact_rows(t)));
        }
      });
      CHECK(at_ends < 100 * tolerance);
      CHECK(between < kBetweenOverEnds * at_ends);
      const Json solver{{"plugin", id}, {"rtol", tolerance}, {"atol", tolerance}};
      CHECK(error_with(p, {p.stop, (p.stop + p.start) / 2, p.start}, solver) < 100 * tolerance);
    }
  });
}

TEST_CASE(
    "dense output meets the states at the steps' ends, and its slope jumps there by no more than an error") {
  constexpr double kTolerance = 1e-6;
  for_each_case([](const std::string& id, const Problem& p) {
    // That of adams is the field's on both sides: what is left is the quotients' own error.
    const double kink = id == "adams" ? 1e-6 : 100 * kTolerance;
    CAPTURE(id);
    CAPTURE(p.name);
    HandStepped s(own_steps_config(p, id, kTolerance));
    std::vector<double> last = s.initial(), last_slope;
    run_through(s, p, [&](double before) {
      const double h = s.t - before, dt = 2e-4 * h;
      CHECK(most_off(s.interpolated(before), last) < kRoundOff);
      CHECK(most_off(s.interpolated(s.t), s.state()) < kRoundOff);
      // One-sided quotients of second order.
      const auto slope = [&](double t, double d) {
        const std::vector<double> y0 = s.interpolated(t), y1 = s.interpolated(t + d),
                                  y2 = s.interpolated(t + 2 * d);
        std::vector<double> out;
        for (size_t i = 0; i < y0.size(); ++i) out.push_back((4 * y1[i] - y2[i] - 3 * y0[i]) / (2 * d));
        return out;
      };
      if (!last_slope.empty()) CHECK(most_off(slope(before, dt), last_slope) < kink);
      last_slope = slope(s.t, -dt);
      last = s.state();
    });
  });
}
