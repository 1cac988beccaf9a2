// The first step of a joint solve, with one evaluation beside f(t0, y0).
#pragma once
#include "engine/step_arithmetic.hpp"

namespace odeon::host {

struct InitialStep {
  double t, direction;
  int order;
};

// Signed; as the settings say where they give one. f0: the derivative at (t, y[0]); scratch: of the state's
// shape. Throws SolveFailed where f0 or y[0] is not finite.
double initial_step(odeon_problem& problem, StepArithmetic& math, const InitialStep& at,
                    const odeon_tensor& f0, const odeon_tensor& scratch);

// Why a solve cannot begin whose derivative's scaled norm is not finite, and the remedy. finite: the state
// and its derivative are. allows_errors: so is the state's own scaled norm, which it is not where the scale
// is zero.
std::pair<std::string, std::string> explain_start(bool finite, bool allows_errors);

}  // namespace odeon::host
