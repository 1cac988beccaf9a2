#include "conformance/gradient_values.hpp"

#include <bit>
#include <cmath>

#include "conformance/gradient_case.hpp"
#include "data/error.hpp"

namespace odeon::host::conformance {
namespace {

// A derivative of the discrete program is as good as the differences that it is compared with; a continuous
// one has the error of its own discretisation, of order 4 in steps of 0.02.
constexpr double kExact = 1e-7, kContinuous = 1e-5;
constexpr double kRoundOff = 1e-12;

bool has(const Subject& s, uint32_t bit) { return (s.api<odeon_gradient_api>().capabilities & bit) != 0; }

double limit_of(const Subject& s) { return has(s, ODEON_GRADIENT_DISCRETE_EXACT) ? kExact : kContinuous; }

Finding compared_with_slopes(const Subject& s, const GradientProblem& p) {
  GradientCase c(s, p);
  const GradientResult found = c.both(), expected = c.slopes();
  const double limit = limit_of(s);
  const struct {
    const char* name;
    Numbers GradientResult::*part;
  } parts[] = {{"ys", &GradientResult::states},
               {"gy0", &GradientResult::y0},
               {"gtheta", &GradientResult::theta},
               {"gtimes", &GradientResult::times}};
  double worst = 0;
  for (const auto& [name, part] : parts) {
    const double by = largest_difference(found.*part, expected.*part) / largest(expected.*part);
    // The times of a solver by code are those of the solution, not of the program.
    if (!(by <= (part == &GradientResult::times && s.needs_reversible() ? kContinuous : limit)))
      return fail(std::string(name) + text(" differs from central differences by %.2g of its size", by));
    worst = std::max(worst, by);
  }
  return pass(text("to %.1e of central differences", worst));
}

}  // namespace

Finding states_its_capabilities(const Subject& s) {
  constexpr uint32_t kKnown =
      ODEON_GRADIENT_DISCRETE_EXACT | ODEON_GRADIENT_CONTINUOUS | ODEON_GRADIENT_MEMORY_CONSTANT |
      ODEON_GRADIENT_MEMORY_LINEAR | ODEON_GRADIENT_NEEDS_TABLEAU | ODEON_GRADIENT_NEEDS_VJP |
      ODEON_GRADIENT_NEEDS_REVERSIBLE | ODEON_GRADIENT_ROWS | ODEON_GRADIENT_NEEDS_EXPLICIT;
  const uint32_t bits = s.api<odeon_gradient_api>().capabilities;
  if (bits & ~kKnown) return fail("capabilities has unknown bits: " + std::to_string(bits & ~kKnown));
  if (std::popcount(bits & (ODEON_GRADIENT_DISCRETE_EXACT | ODEON_GRADIENT_CONTINUOUS)) > 1)
    return fail("it cannot be both DISCRETE_EXACT and CONTINUOUS");
  if (std::popcount(bits & (ODEON_GRADIENT_MEMORY_CONSTANT | ODEON_GRADIENT_MEMORY_LINEAR)) != 1)
    return fail("one of MEMORY_CONSTANT and MEMORY_LINEAR says what the tape costs");
  int64_t peaks[2];
  for (int i = 0; i < 2; ++i) {
    GradientProblem p;
    p.step = i == 0 ? 0.01 : 0.001;  // a budget of dozens of states may be full at neither of fewer
    GradientCase c(s, p);
    c.both();
    peaks[i] = c.tape().peak;
  }
  const std::string figure = "the tape has " + std::to_string(peaks[0]) +
                             " bytes, with ten times as many steps " + std::to_string(peaks[1]);
  return has(s, ODEON_GRADIENT_MEMORY_CONSTANT) && peaks[1] > peaks[0] ? fail(figure) : pass(figure);
}

Finding gradients_are_slopes(const Subject& s) { return compared_with_slopes(s, {}); }

Finding gradients_are_slopes_backwards(const Subject& s) {
  GradientProblem p;
  p.times = {1.4, 0.9, 0.2};
  return compared_with_slopes(s, p);
}

Finding one_time_gives_its_cotangent(const Subject& s) {
  GradientProblem p;
  p.times = {0.2};
  GradientCase c(s, p);
  const GradientResult r = c.both();
  if (r.states != p.y0) return fail("the only state is not the initial one");
  const double limit = limit_of(s);
  if (!(largest_difference(r.y0, random_numbers(4, 71, -1, 1)) <= limit))
    return fail("gy0 is not the cotangent of the only state");
  if (!(largest(r.theta) <= limit && largest(r.times) <= limit)) return fail("gtheta or gtimes is not zero");
  return pass("");
}

Finding theta_is_added_to(const Subject& s) {
  GradientCase c(s);
  c.forward();
  const Numbers from_zero = c.backward().theta, from_three = c.backward(true, true, 3).theta;
  for (size_t i = 0; i < from_zero.size(); ++i)
    if (!(std::abs(from_three[i] - from_zero[i] - 3) < kRoundOff))
      return fail("what was in gtheta before is lost");
  return pass("");
}

Finding what_is_not_wanted_is_left_out(const Subject& s) {
  GradientCase c(s);
  const auto with = [&](bool theta, bool times) {
    c.forward();
    return c.backward(theta, times);
  };
  const GradientResult all = with(true, true), state = with(false, false), theta = with(true, false),
                       times = with(false, true);
  const auto near = [](const Numbers& x, const Numbers& y) {
    return x.size() == y.size() && largest_difference(x, y) <= 1e-6 * largest(y);  // steps may be chosen anew
  };
  if (!near(state.y0, all.y0) || !near(theta.theta, all.theta) || !near(times.times, all.times))
    return fail("a result differs where another one is not wanted");
  return pass("");
}

Finding backward_may_be_repeated(const Subject& s) {
  GradientCase c(s);
  c.forward();
  const GradientResult first = c.backward(), second = c.backward();
  const double by = difference(second, first);
  return by == 0 ? pass("") : fail(text("a second backward with the same tape differs by %.2g", by));
}

Finding gradients_have_the_same_bits(const Subject& s) {
  GradientCase c(s), other(s);
  const GradientResult first = c.both();
  if (difference(c.both(), first) != 0) return fail("another pass gives other bits");
  if (difference(other.both(), first) != 0) return fail("another instance gives other bits");
  return pass("");
}

}  // namespace odeon::host::conformance
