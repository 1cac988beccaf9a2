// Solvers of second-order systems alone (ODEON_SOLVER_SECOND_ORDER): their state is [q, v] with dq/dt = v.
// For every other solver these do nothing.
#pragma once
#include "engine/problem.hpp"

namespace odeon::host {

// row_elements: of the state of one row. Throws ConfigError.
void require_halves(const SolverChoice& solver, int64_t row_elements);

// For a system that a gradient makes, which has no such halves. Throws ConfigError.
void require_first_order(const SolverChoice& solver);

}  // namespace odeon::host
