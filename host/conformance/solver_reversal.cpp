#include "conformance/solver_reversal.hpp"

#include "conformance/solver_case.hpp"
#include "conformance/stepping_case.hpp"
#include "loader/host_table.hpp"

namespace odeon::host::conformance {
namespace {

constexpr double kStep = 0.05, kRoundOff = 1e-11;
constexpr int kSteps = 12;

// The times at which the steps begin.
std::vector<double> take_steps(SteppingCase& c, int steps) {
  std::vector<double> times;
  for (int i = 0; i < steps; ++i) {
    times.push_back(c.t());
    check_call(c.try_step(kStep), "step");
    c.accept();
  }
  return times;
}

}  // namespace

Finding steps_are_taken_back(const Subject& s) {
  if (s.api<odeon_solver_api>().tableau) return skip("it is a tableau");
  const TestProblem p = SolverCase(s).driven();
  SteppingCase c(s, p), other(s, p);
  if (!c.reversible()) return skip("it has no odeon.solver.reversible/1");
  const Numbers begin = p.initial.to_doubles();
  constexpr const char* kStateFirst = "the first vector that it carries is not the state";
  c.start();
  if (c.carried().at(0) != begin) return fail(kStateFirst);
  const std::vector<double> times = take_steps(c, kSteps);
  const std::vector<Numbers> end = c.carried();
  const double t_end = c.t();
  if (end[0] != c.y1()) return fail(kStateFirst);

  Numbers elsewhere = begin;
  for (double& y : elsewhere) y += 0.1;
  other.start(p.start, p.stop, elsewhere);
  other.resume(t_end, end);
  take_steps(other, kSteps);
  take_steps(c, kSteps);
  const double apart = largest_difference(c.y1(), other.y1());
  if (!(apart < kRoundOff))
    return fail(text("an instance that resumes with the same vectors ends %.1e away", apart));

  c.resume(t_end, end);
  for (size_t i = times.size(); i-- > 0;) c.step_back(times[i], kStep);
  const double missed = largest_difference(c.carried()[0], begin);
  take_steps(c, kSteps);
  const double missed_again = largest_difference(c.y1(), end[0]);
  const std::string figure =
      text("12 steps taken back miss by %.1e", missed) + text(", taken again by %.1e", missed_again);
  return missed < kRoundOff && missed_again < kRoundOff ? pass(figure) : fail(figure);
}

}  // namespace odeon::host::conformance
