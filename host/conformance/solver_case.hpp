// How a solver of whatever kind is run by the checks.
#pragma once
#include <span>
#include <string>

#include "conformance/test_problem.hpp"

namespace odeon::host::conformance {

// What follows for the checks from a solver's table.
struct SolverCase {
  explicit SolverCase(const Subject& s);

  int order;
  bool adaptive;      // the step is chosen by an error estimate, of the host's control or the solver's own
  bool own_steps;     // by the solver itself, so that fixed steps cannot be asked for
  bool is_implicit;   // a tableau that is not explicit, or a solver for stiff problems
  bool second_order;  // for fields q'' = a(t, q) only

  // A problem that it can solve whose right-hand side depends on time.
  TestProblem driven() const { return second_order ? forced_spring() : travelling_phase(); }

  // Options for steps of size h where they can be fixed ...
  static std::string fixed(double h);
  // ... for this tolerance where they are adaptive ...
  static std::string tolerance(double rtol, const std::string& more = "");
  // ... and whichever of both applies: tolerance 1e-6, or 100 steps for `span`.
  std::string usual(double span, const std::string& more = "") const;
};

}  // namespace odeon::host::conformance
