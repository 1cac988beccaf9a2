// Gradients of solves by a backend that differentiates them itself (odeon/ext/solve_gradient.h).
#pragma once
#include "engine/backend_solve.hpp"

namespace odeon::host {

// A solve and its reverse as a backend compiled them; the problem keeps it.
class BackendGradient;

}  // namespace odeon::host

// In the global namespace because C names it so: one solve of it.
struct odeon_row_gradient {
  std::shared_ptr<odeon::host::BackendGradient> plan;
  odeon_row_solve_args args;
  std::vector<odeon_row_result> results;
};

namespace odeon::host {

// Solves. NULL where the problem has no such rows, or its backend cannot do this; the reason is logged.
// Throws as integrate.
std::unique_ptr<odeon_row_gradient> solve_rows_by_backend(odeon_problem& problem,
                                                          const odeon_row_solve_args& args);

// Throws SolveFailed for a solve of the adjoint.
void reverse_rows_by_backend(odeon_problem& problem, odeon_row_gradient& gradient,
                             const odeon_row_reverse_args& args);

}  // namespace odeon::host
