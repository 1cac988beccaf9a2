#include "conformance/solver_order.hpp"

#include <algorithm>
#include <cmath>

#include "conformance/solver_case.hpp"
#include "engine/failure.hpp"

namespace odeon::host::conformance {
namespace {

// Of high orders little more than the slope's nearest integer shows before round-off does.
double order_band(int order) { return order <= 4 ? 0.2 : 0.4; }
// Errors below are round-off.
constexpr double kSmallest = 1e-13;
constexpr double kFewestSteps = 4, kMostSteps = 1500, kGrowth = 4. / 3;

constexpr size_t kLookedAt = 5;

// The slope of log error by log h from one grid to the next, of the last ones before round-off the one that
// differs least from its neighbour: the coarser ones are not yet in the range of small h, the finer ones end
// in what the iterations of implicit methods leave. 0: the error is nowhere in between.
template <class Error>
double observed_order(double span, const Error& error) {
  std::vector<double> slopes;
  double coarse = INFINITY;
  for (double steps = kFewestSteps, before = 0; steps < kMostSteps; steps = std::ceil(steps * kGrowth)) {
    const double e = error(span / steps);
    if (e < kSmallest) break;
    if (std::isfinite(coarse)) slopes.push_back(std::log(coarse / e) / std::log(steps / before));
    coarse = e, before = steps;
  }
  double order = 0, least_change = INFINITY;
  for (size_t i = slopes.size() < kLookedAt ? 1 : slopes.size() - kLookedAt + 1; i < slopes.size(); ++i)
    if (const double change = std::abs(slopes[i] - slopes[i - 1]); change <= least_change)
      order = slopes[i], least_change = change;
  return order;
}

double order_on(const Subject& s, const TestProblem& p) {
  return observed_order(std::abs(p.stop - p.start), [&](double h) -> double {
    try {
      const std::vector<double> states = solve(s, p, {p.start, p.stop}, SolverCase::fixed(h));
      const std::vector<double> exact = p.exact(p.stop);
      return root_mean_square(states, exact);
    } catch (const SolveFailed&) {  // too coarse for an implicit method
      return INFINITY;
    }
  });
}

Finding has_order_on(const Subject& s, const SolverCase& c, const TestProblem& p, std::string& figure) {
  const double order = order_on(s, p);
  const std::string found = text("%.2f", order) + " on " + p.name;
  if (order == 0)
    return fail("no order can be seen on " + p.name + "; its error does not fall with the step");
  if (std::abs(order - c.order) > order_band(c.order))
    return fail(found + ", states " + std::to_string(c.order));
  figure += (figure.empty() ? "" : ", ") + found;
  return pass(figure);
}

TestProblem reversed(TestProblem p) {
  std::swap(p.start, p.stop);
  p.initial = Array::of(p.exact(p.start), p.initial.shape);
  return p;
}

double error_with(const Subject& s, const TestProblem& p, const std::vector<double>& times, double rtol) {
  std::vector<double> exact;
  for (const double t : times)
    for (const double x : p.exact(t)) exact.push_back(x);
  return root_mean_square(solve(s, p, times, SolverCase::tolerance(rtol)), exact);
}

}  // namespace

Finding shows_its_order(const Subject& s) {
  const SolverCase c(s);
  if (c.own_steps) return skip("it chooses its steps and their order itself");
  std::string figure;
  const Finding first = has_order_on(s, c, two_bodies(), figure);
  return first.verdict == Verdict::pass ? has_order_on(s, c, c.driven(), figure) : first;
}

Finding shows_its_order_backwards(const Subject& s) {
  const SolverCase c(s);
  const TestProblem p = reversed(c.driven());
  std::string figure;
  if (!c.own_steps) return has_order_on(s, c, p, figure);
  const double e = error_with(s, p, {p.start, p.stop}, 1e-6);
  constexpr double kGlobalOverLocal = 5000;
  return e < kGlobalOverLocal * 1e-6 ? pass(text("error %.1e", e))
                                     : fail(text("error %.3g at tolerance 1e-6", e));
}

Finding error_follows_tolerance(const Subject& s) {
  const SolverCase c(s);
  if (!c.adaptive) return skip("it has no error estimate");
  const TestProblem p = c.driven();
  constexpr double kLoose = 1e-3, kTight = 1e-7;
  // Local errors add up and are amplified over the span; a factor of 50 in 1e4 is far from proportional.
  constexpr double kGlobalOverLocal = 5000, kLeastGain = 50;
  const double loose = error_with(s, p, {p.start, p.stop}, kLoose),
               tight = error_with(s, p, {p.start, p.stop}, kTight);
  const std::string figure = text("error %.1e at 1e-3", loose) + text(", %.1e at 1e-7", tight);
  const bool good = tight < kGlobalOverLocal * kTight && tight * kLeastGain < std::max(loose, kLoose);
  return good ? pass(figure) : fail(figure);
}

// A method whose step is limited by the fast decay would need a million steps.
Finding takes_long_steps_on_stiff_problems(const Subject& s) {
  const SolverCase c(s);
  if (!c.is_implicit) return skip("it is not for stiff problems");
  const TestProblem p = kaps();
  const std::string options =
      c.adaptive ? SolverCase::tolerance(1e-4, ", max_steps: 2000") : SolverCase::fixed(0.05);
  const auto computation = make_computation(s, p.field, options, p.initial.shape[0]);
  const double times[] = {p.start, p.stop};
  computation->solve(times, p.initial);
  const std::vector<double> states = computation->states().to_doubles(), exact = p.exact(p.stop);
  const double error = root_mean_square(states, exact);
  constexpr double kReduced = 0.01;  // orders fall to the stage order here
  const std::string figure = text("error %.1e", error) + " in " +
                             std::to_string(computation->forward.counters.accepted) + " steps, decay 1e6";
  return error < kReduced ? pass(figure) : fail(figure);
}

}  // namespace odeon::host::conformance
