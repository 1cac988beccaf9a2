// The transposed stage systems of implicit Runge-Kutta steps, for their exact reverse.
#pragma once
#include "engine/problem.hpp"

namespace odeon::host {

// See odeon_stage_cotangents_args. Throws RunError where a system is singular.
void solve_stage_cotangents(odeon_problem& problem, const odeon_stage_cotangents_args& args);

}  // namespace odeon::host
