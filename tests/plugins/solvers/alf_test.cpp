// Asynchronous leapfrog: its steps in closed form, its order with and without damping, and where it is
// stable.
#include <complex>
#include <numbers>

#include "plugins/solvers/hand_stepped.hpp"
#include "plugins/solvers/observed_order.hpp"
#include "problems/travelling_phase.hpp"
#include "problems/two_bodies.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;
using Complex = std::complex<double>;

// y' = s y for complex s, as two real components that begin as 1.
Json linear(Complex s, double eta = 1) {
  const double a = s.real(), b = s.imag();
  return {{"odeon", 1},
          {"task", "solve"},
          {"backend", "reference"},
          {"field", {{"plugin", "linear"}, {"matrix", {{a, -b}, {b, a}}}}},
          {"initial", {{1.0, 0.0}}},
          {"times", {0.0, 1.0}},
          {"solver", {{"plugin", "alf"}, {"eta", eta}}}};
}

// Both eigenvalues of the step at x = h s.
std::pair<Complex, Complex> eigenvalues(Complex x, double eta) {
  const Complex root = std::sqrt(2 * eta * x + eta * eta * (x - 1.) * (x - 1.)), mean = 1. + eta * (x - 1.);
  return {mean + root, mean - root};
}

// |y| after so many steps of size h.
double size_after(Complex s, double eta, double h, int steps) {
  HandStepped solver(linear(s, eta));
  solver.start(0, h * steps);
  for (int i = 0; i < steps; ++i) REQUIRE(solver.step(h) == ODEON_OK);
  return std::hypot(solver.state()[0], solver.state()[1]);
}

double order_on(const Problem& p, double from, double to, double eta) {
  return observed_order(
      [&](double steps) {
        return error_with(p, {from, to},
                          {{"plugin", "alf"}, {"eta", eta}, {"step_size", std::abs(to - from) / steps}});
      },
      192);
}

}  // namespace

TEST_CASE("steps of alf on a linear field are the powers of its eigenvalues") {
  constexpr double kRoundOff = 1e-12;
  for (const Complex s : {Complex(-1, 0), Complex(0.3, 1.2), Complex(0, 2)})
    for (const double eta : {1.0, 0.75}) {
      CAPTURE(s.real());
      CAPTURE(s.imag());
      CAPTURE(eta);
      constexpr double kStep = 0.2;
      const Complex x = kStep * s;
      const auto [plus, minus] = eigenvalues(x, eta);
      // z0 = 1, v0 = s, and one step by hand.
      const Complex z1 = 1. + x + eta * x * x / 2.;
      const Complex a = (z1 - minus) / (plus - minus), b = 1. - a;
      HandStepped solver(linear(s, eta));
      solver.start(0, 10 * kStep);
      for (int n = 1; n <= 10; ++n) {
        REQUIRE(solver.step(kStep) == ODEON_OK);
        const Complex z = a * std::pow(plus, n) + b * std::pow(minus, n);
        CHECK(std::abs(Complex(solver.state()[0], solver.state()[1]) - z) < kRoundOff);
      }
    }
}

TEST_CASE("alf has order 2, forwards and backwards, and order 1 with damping") {
  for (const Problem& p : {two_bodies(), travelling_phase()})
    for (const bool forwards : {true, false}) {
      CAPTURE(p.name);
      CAPTURE(forwards);
      const double from = forwards ? p.start : p.stop, to = forwards ? p.stop : p.start;
      CHECK(std::abs(order_on(p, from, to, 1) - 2) < kOrderBand);
      CHECK(std::abs(order_on(p, from, to, 0.8) - 1) < kOrderBand);
    }
}

TEST_CASE("without damping alf is stable on the imaginary axis up to h s = i, and nowhere else") {
  constexpr int kSteps = 20'000;
  CHECK(size_after({0, 1}, 1, 0.95, kSteps) < 10);
  CHECK(size_after({0, 1}, 1, 1.05, 200) > 1e6);
  CHECK(size_after({-1, 0}, 1, 0.1, 400) > 1e6);
}

TEST_CASE("with damping alf is stable where both eigenvalues are inside of the unit circle") {
  for (const double eta : {0.7, 0.9})
    for (const Complex x : {Complex(-0.1, 0), Complex(-0.4, 0), Complex(-0.05, 0.3), Complex(-3, 0)}) {
      CAPTURE(eta);
      CAPTURE(x.real());
      const auto [plus, minus] = eigenvalues(x, eta);
      const double radius = std::max(std::abs(plus), std::abs(minus));
      constexpr int kSteps = 400;
      // Per step, between the middle and the end, where the first steps are forgotten.
      const double growth =
          std::pow(size_after(x, eta, 1, kSteps) / size_after(x, eta, 1, kSteps / 2), 2. / kSteps);
      CHECK((growth < 1) == (radius < 1));
      CHECK(std::abs(growth - radius) < 0.02);  // a complex pair turns
    }
}

TEST_CASE("alf on a field of time alone is the midpoint rule") {
  const Json config{{"odeon", 1},
                    {"task", "solve"},
                    {"backend", "reference"},
                    {"field", {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "t^2"}}}}},
                    {"initial", {{0.0}}},
                    {"times", {0.0, 2.0}},
                    {"solver", {{"plugin", "alf"}, {"step_size", 0.5}}}};
  const double h = 0.5, exact = 8. / 3;
  CHECK(std::abs(states_of(solve(config)).back() - (exact - 2 * h * h / 12)) < 1e-14);
}
