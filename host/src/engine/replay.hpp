// Accepted steps once more, for gradient strategies that keep states and not stages.
#pragma once
#include "engine/problem.hpp"

namespace odeon::host {

// See odeon_replay_args. Throws ConfigError naming the capability where the solver's steps depend on more
// than their beginning: implicit stages come from an iteration with a Jacobian of earlier steps, a solver by
// code has a state.
void replay(odeon_problem& problem, const odeon_replay_args& args);

// `integrate`, on the steps that args.steps asks for. Throws ConfigError where there are none.
void integrate_on(odeon_problem& problem, const odeon_solve_args& args);

}  // namespace odeon::host
