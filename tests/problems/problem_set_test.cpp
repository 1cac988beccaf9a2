// Every installed solver on every problem that it claims to solve, up to the end states of tests/golden.
#include "problems/problem_set.hpp"

#include "experiment_case.hpp"
#include "problems/reference.hpp"
#include "problems/solver_claims.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

struct End {
  double error;  // infinite where the solve failed
  double steps;
  std::string failure;
};

End end_of(const Problem& p, const Json& solver) try {
  const auto result = solve({{"odeon", 1},
                             {"task", "solve"},
                             {"backend", "cpu"},
                             {"field", p.field},
                             {"initial", p.initial},
                             {"times", {p.start, p.stop}},
                             {"solver", solver}});
  const std::vector<double> all = states_of(result);
  const long n = static_cast<long>(p.initial[0].size());
  return {scaled_error({all.end() - n, all.end()}, reference_of(p.name)),
          result.record["counters"]["forward"]["accepted"].get<double>(), ""};
} catch (const host::SolveFailed& reason) {
  return {std::numeric_limits<double>::infinity(), 0, reason.what()};
}

// Explicit steps that can be undone damp nothing: they are for mechanics, whose errors neither decay.
bool claims(const std::string& id, const Problem& p) {
  const odeon_solver_api& solver = solver_api(id);
  const bool mechanics =
      !solver.tableau && (solver.capabilities & (ODEON_SOLVER_SECOND_ORDER | ODEON_SOLVER_REVERSIBLE)) != 0;
  return (!p.stiff || claims_stiffness(solver)) && (!mechanics || p.second_order);
}

// What an order can reach without many thousand steps.
double tolerance_for(int order, bool stiff) {
  const double loose = stiff ? 10 : 1;
  if (order <= 2) return loose * 1e-5;
  if (order == 3) return loose * 1e-6;
  return order <= 5 ? (stiff ? 1e-6 : 1e-8) : 1e-9;
}

// A step may add its tolerance, and the problem carries it on: grown on average by reference.growth.
// Where fast decay forgets most of them, a fifth of the steps is more than any method needs.
constexpr double kShareOfStiffSteps = 0.2, kAtLeast = 10;
// An embedded difference whose weights are all smaller than this underestimates the error by as much
// (Fehlberg's 2(1) pair has 1/512).
constexpr double kFullWeight = 0.1;

void check_controlled(bool stiff) {
  int solved = 0;
  for (const Problem& p : problem_set())
    for (const std::string& id : solver_ids()) {
      const SolverTraits traits = traits_of(id);
      if (p.stiff != stiff || !traits.controlled || !claims(id, p)) continue;
      CAPTURE(p.name);
      CAPTURE(id);
      const double tolerance = tolerance_for(traits.order, stiff);
      const End end = end_of(
          p, {{"plugin", id}, {"rtol", tolerance}, {"atol", tolerance * p.magnitude}, {"max_steps", 200000}});
      CAPTURE(end.failure);
      const double steps = std::max(kAtLeast, (stiff ? kShareOfStiffSteps : 1) * end.steps);
      const double underestimated = std::max(1.0, kFullWeight / estimate_weight(solver_api(id)));
      CHECK(end.error < tolerance * std::max(1.0, reference_of(p.name).growth) * steps * underestimated);
      ++solved;
    }
  CHECK(solved > 0);
}

// From short steps for the fast changes at the start to long ones, as a geometric series; equal ones if not
// stiff.
std::vector<double> grid_for(const Problem& p, int steps) {
  constexpr double kLongestOverShortest = 1e15;
  std::vector<double> grid;
  for (int i = 0; i <= steps; ++i) {
    const double x = static_cast<double>(i) / steps,
                 graded = std::expm1(std::log(kLongestOverShortest) * x) / (kLongestOverShortest - 1);
    grid.push_back(p.start + (p.stop - p.start) * (p.stiff ? graded : x));
  }
  grid.back() = p.stop;
  return grid;
}

void check_fixed(bool stiff) {
  // Digits that an order reaches, growth of errors that it can afford, and steps for them.
  struct Aim {
    double error, growth;
    int steps;
  };
  int solved = 0;
  for (const Problem& p : problem_set())
    for (const std::string& id : solver_ids()) {
      const SolverTraits traits = traits_of(id);
      const Aim aim = traits.order == 1 ? Aim{1e-2, 5, 1 << 16} : Aim{1e-3, 150, 1 << 16};
      if (p.stiff != stiff || traits.controlled || !traits.fixed || !claims(id, p)) continue;
      if (p.jumps || reference_of(p.name).growth > aim.growth) continue;
      CAPTURE(p.name);
      CAPTURE(id);
      double error = std::numeric_limits<double>::infinity();
      // With too few steps the solve may fail.
      for (int steps = 64; steps <= aim.steps && !(error < aim.error); steps *= 4)
        error = end_of(p, {{"plugin", id}, {"grid", grid_for(p, steps)}}).error;
      CHECK(error < aim.error);
      ++solved;
    }
  CHECK(solved > 0);
}

}  // namespace

TEST_CASE("every problem has a reference of the same start, span and magnitude") {
  for (const Problem& p : problem_set()) {
    CAPTURE(p.name);
    const Reference r = reference_of(p.name);
    CHECK(p.start == r.start);
    CHECK(p.stop == r.stop);
    CHECK(p.magnitude == r.magnitude);
    CHECK(difference(p.initial[0], r.initial) < 1e-15);  // sines of two libraries
  }
}

TEST_CASE("closed forms end where the references do") {
  for (const Problem& p : problem_set())
    if (p.exact) CHECK(difference(p.exact(p.stop, p.initial[0]), reference_of(p.name).end) < 1e-13);
}

TEST_CASE("every method with step control reaches the ends of the problems that are not stiff") {
  check_controlled(false);
}

TEST_CASE("every method with step control that claims stiffness reaches the ends of the stiff problems") {
  check_controlled(true);
}

TEST_CASE("fixed steps reach the ends of the problems that are not stiff") { check_fixed(false); }

TEST_CASE("fixed steps on a graded grid reach the ends of the stiff problems") { check_fixed(true); }
