#include "conformance/solver_interpolation.hpp"

#include <cmath>

#include "conformance/solver_case.hpp"
#include "conformance/stepping_case.hpp"

namespace odeon::host::conformance {
namespace {

// The states at both ends of steps, and how good the values between them are; empty: well.
std::string wrong_polynomial(const Subject& s, const TestProblem& p, std::string& figure) {
  SteppingCase c(s, p);
  c.start();
  // A multistep method's polynomial has its own value at the beginning, within the tolerance.
  constexpr double kRoundOff = 1e-11, kTolerance = 1e-5;
  // What a straight line leaves in steps of 0.02.
  constexpr double kStraight = 2e-4;
  Numbers before = p.initial.to_doubles();
  double at_ends = 0, inside = 0;
  for (int i = 0; i < 12; ++i) {
    const double t0 = c.t();
    const Numbers y = c.step();
    const double h = c.t() - t0, end = largest_difference(c.interpolate(c.t()), y),
                 begin = largest_difference(c.interpolate(t0), before);
    if (!(end <= kRoundOff * (1 + largest(y))))
      return text("at the end of a step it differs from y1 by %.2g", end);
    if (!(begin <= kTolerance))
      return text("at the beginning of a step it differs from the state by %.2g", begin);
    for (const double x : {0.25, 0.5, 0.75})
      inside = std::max(inside, root_mean_square(c.interpolate(t0 + x * h), p.exact(t0 + x * h)));
    at_ends = std::max(at_ends, root_mean_square(y, p.exact(c.t())));
    before = y;
  }
  figure = text("error %.1e inside of steps", inside) + text(", %.1e at their ends", at_ends);
  return inside <= 10 * at_ends + kStraight ? "" : figure;
}

// Under step control, as dense in time as a plot.
std::string wrong_values(const Subject& s, const TestProblem& p, std::string& figure) {
  std::vector<double> times, exact;
  for (int i = 0; i <= 50; ++i) {
    times.push_back(p.start + (p.stop - p.start) * i / 50);
    for (const double x : p.exact(times.back())) exact.push_back(x);
  }
  constexpr double kRtol = 1e-6, kGlobalOverLocal = 5000;
  const double e = root_mean_square(solve(s, p, times, SolverCase::tolerance(kRtol)), exact);
  const std::string found = text("error %.1e at 51 times with tolerance 1e-6", e);
  figure += (figure.empty() ? "" : "; ") + found;
  return e < kGlobalOverLocal * kRtol ? "" : found;
}

}  // namespace

Finding interpolates(const Subject& s) {
  const SolverCase c(s);
  const auto& api = s.api<odeon_solver_api>();
  const bool own = !api.tableau && api.interpolate;
  if (!c.adaptive && !own) return skip("values between fixed steps are the host's");
  const TestProblem p = c.driven();
  std::string figure, wrong;
  if (own) wrong = wrong_polynomial(s, p, figure);
  if (wrong.empty() && c.adaptive) wrong = wrong_values(s, p, figure);
  return wrong.empty() ? pass(figure) : fail(wrong);
}

}  // namespace odeon::host::conformance
