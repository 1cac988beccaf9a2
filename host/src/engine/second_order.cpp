#include "engine/second_order.hpp"

#include "data/error.hpp"

namespace odeon::host {
namespace {

bool is_second_order(const SolverChoice& solver) {
  return !solver.method && (solver.api().capabilities & ODEON_SOLVER_SECOND_ORDER);
}

}  // namespace

void require_halves(const SolverChoice& solver, int64_t row_elements) {
  if (!is_second_order(solver) || row_elements % 2 == 0) return;
  throw ConfigError("solver '" + solver.id() +
                    "' needs a state [q, v] of two halves with dq/dt = v, but one row has " +
                    std::to_string(row_elements) + " elements; order the state so, or choose another solver");
}

void require_first_order(const SolverChoice& solver) {
  if (!is_second_order(solver)) return;
  throw ConfigError(
      "solver '" + solver.id() +
      "' is for second-order systems with dq/dt = v (capability: first-order systems), which the "
      "system that this gradient makes is not; name another solver for it with gradient.solver");
}

}  // namespace odeon::host
