#include "conformance/solver_steps.hpp"

#include <cmath>

#include "conformance/solver_case.hpp"
#include "conformance/stepping_case.hpp"
#include "loader/host_table.hpp"

namespace odeon::host::conformance {
namespace {

constexpr const char* kTableau = "a tableau's steps are the host's";
constexpr int kSteps = 12;

bool by_code(const Subject& s) { return !s.api<odeon_solver_api>().tableau; }
bool has(const Subject& s, uint32_t bit) {
  return by_code(s) && (s.api<odeon_solver_api>().capabilities & bit);
}

std::vector<Numbers> run(SteppingCase& c, int steps = kSteps) {
  std::vector<Numbers> states;
  for (int i = 0; i < steps; ++i) states.push_back(c.step());
  return states;
}

}  // namespace

Finding steps_keep_their_contract(const Subject& s) {
  if (!by_code(s)) return skip(kTableau);
  const SolverCase k(s);
  SteppingCase c(s, k.driven());
  c.start();
  const Numbers y0 = c.start_state();
  const bool fixed = !has(s, ODEON_SOLVER_ESTIMATES) && !k.own_steps;
  bool estimate = false;
  double h = 0.02;
  for (int i = 0; i < 30; ++i) {
    const double t = c.t();
    const odeon_status status = c.try_step(h);
    const double next = c.result().next_h;
    if (next * h < 0) return fail(text("next_h = %g is against the direction of the step", next));
    if (status != ODEON_OK) {
      h = next != 0 ? next : h / 2;
      continue;
    }
    const double t1 = c.result().t1;
    if (!(t1 > t && t1 <= t + h))
      return fail(text("a step from t = %g", t) + text(" of h = %g", h) + text(" ended at t1 = %.17g", t1));
    if (fixed && t1 != t + h) return fail("a step of given size ended before its end");
    for (const double y : c.y1())
      if (!std::isfinite(y)) return fail("y1 is not finite, or not written");
    if (!(c.result().error >= 0)) return fail(text("the error estimate is %g", c.result().error));
    estimate |= c.result().error > 0;
    c.accept();
    if (next != 0) h = next;
  }
  if (c.start_state() != y0) return fail("the state that was given to start was changed");
  if (has(s, ODEON_SOLVER_ESTIMATES) && !estimate)
    return fail("it states ESTIMATES, but result->error stays 0");
  return pass(text("30 steps to t = %.3g", c.t()));
}

Finding a_refused_step_moves_nothing(const Subject& s) {
  if (!has(s, ODEON_SOLVER_ESTIMATES)) return skip("the host refuses none of its steps");
  constexpr double kLong = 0.1, kShort = 0.01;
  struct Seen {
    Numbers y1;
    double error;
    bool operator==(const Seen&) const = default;
  };
  const auto walk = [&](bool with_refusals) {
    SteppingCase c(s, SolverCase(s).driven());
    std::vector<Seen> seen;
    c.start();
    for (int i = 0; i < 5; ++i) {
      if (with_refusals) c.try_step(kLong);
      c.try_step(kShort);
      seen.push_back({c.y1(), c.result().error});
      c.accept();
    }
    return seen;
  };
  return walk(true) == walk(false)
             ? pass("")
             : fail("a step after one that was not accepted differs from one without it");
}

Finding start_forgets(const Subject& s) {
  if (!by_code(s)) return skip(kTableau);
  SteppingCase c(s, SolverCase(s).driven());
  c.start();
  const std::vector<Numbers> first = run(c);
  c.start();
  if (c.start_allocations() != 0)
    return fail("another start with the same problem allocates " + std::to_string(c.start_allocations()) +
                " times");
  return run(c) == first ? pass("") : fail("after another start with the same problem the steps differ");
}

Finding saved_state_is_whole(const Subject& s) {
  if (!by_code(s)) return skip(kTableau);
  const auto& api = s.api<odeon_solver_api>();
  if (!api.save != !api.load) return fail("it has one of save and load");
  if (!api.save) return skip("it does not save its state");
  const TestProblem p = SolverCase(s).driven();
  SteppingCase c(s, p), other(s, p);
  c.start();
  run(c, 7);
  const SteppingCase::Saved saved = c.save();
  if (c.save().bytes != saved.bytes) return fail("saving twice gives other bytes");
  const std::vector<Numbers> expected = run(c);
  Numbers elsewhere = p.initial.to_doubles();
  for (double& y : elsewhere) y += 0.1;
  other.start(p.start, p.stop, elsewhere);
  other.load(saved);
  if (run(other) != expected) return fail("another instance goes on with other bits after load");
  c.start();
  c.load(saved);
  if (run(c) != expected) return fail("the same instance goes on with other bits after load");
  return pass(std::to_string(saved.bytes.size()) + " bytes");
}

Finding reversible_steps_undo_each_other(const Subject& s) {
  if (!has(s, ODEON_SOLVER_REVERSIBLE)) return skip("it does not state REVERSIBLE");
  SteppingCase c(s, SolverCase(s).driven());
  c.start();
  const Numbers y0 = c.start_state();
  constexpr double kStep = 0.05, kRoundOff = 1e-11;
  for (const double h : {kStep, -kStep})
    for (int i = 0; i < 20; ++i) {
      check_call(c.try_step(h), s.name());
      c.accept();
    }
  const double d = largest_difference(c.y1(), y0);
  const std::string figure = text("20 steps there and back miss by %.1e", d);
  return d < kRoundOff ? pass(figure) : fail(figure);
}

Finding symplectic_steps_keep_energy(const Subject& s) {
  if (!has(s, ODEON_SOLVER_SYMPLECTIC)) return skip("it does not state SYMPLECTIC");
  const TestProblem p = two_bodies();
  const Numbers y0 = p.initial.to_doubles();
  const auto energy = [](const Numbers& y, size_t row) {
    const double *q = &y[4 * row], *v = q + 2;
    return (v[0] * v[0] + v[1] * v[1]) / 2 - 1 / std::hypot(q[0], q[1]);
  };
  SteppingCase c(s, p);
  c.start();
  // Of a hundred revolutions the error in the last ten is not above that in the first ten.
  constexpr double kStep = 0.05;
  constexpr int kPart = 1257, kParts = 10;
  double first = 0, last = 0;
  for (int part = 0; part < kParts; ++part) {
    double most = 0;
    for (int i = 0; i < kPart; ++i) {
      check_call(c.try_step(kStep), s.name());
      c.accept();
      const Numbers y = c.y1();
      for (size_t row = 0; row < 3; ++row) most = std::max(most, std::abs(energy(y, row) - energy(y0, row)));
    }
    (part == 0 ? first : last) = most;
  }
  const std::string figure = text("energy error %.2e in the first ten revolutions", first) +
                             text(", %.2e in the last ten of a hundred", last);
  return last < 2 * first + 1e-12 ? pass(figure) : fail(figure);
}

}  // namespace odeon::host::conformance
