#include "conformance/solver_case.hpp"

#include "engine/method.hpp"

namespace odeon::host::conformance {
SolverCase::SolverCase(const Subject& s) {
  const auto& api = s.api<odeon_solver_api>();
  const auto has = [&](uint32_t bit) { return (api.capabilities & bit) != 0; };
  order = api.tableau ? api.tableau->order : api.order;
  own_steps = !api.tableau && has(ODEON_SOLVER_OWN_STEPS);
  adaptive = api.tableau ? api.tableau->b_hat != nullptr : own_steps || has(ODEON_SOLVER_ESTIMATES);
  is_implicit = api.tableau ? !Method(*api.tableau, s.component->id).is_explicit() : has(ODEON_SOLVER_STIFF);
  second_order = !api.tableau && has(ODEON_SOLVER_SECOND_ORDER);
}

// A hair longer than span / n, so that the span has n of them and not a last one of a rounding error.
std::string SolverCase::fixed(double h) { return "{step_size: " + text("%.17g", h * (1 + 1e-13)) + "}"; }

std::string SolverCase::tolerance(double rtol, const std::string& more) {
  return "{rtol: " + text("%g", rtol) + ", atol: " + text("%g", rtol) + more + "}";
}

std::string SolverCase::usual(double span, const std::string& more) const {
  if (adaptive) return tolerance(1e-6, more);
  return "{step_size: " + text("%.17g", span / 100 * (1 + 1e-13)) + more + "}";
}

}  // namespace odeon::host::conformance
