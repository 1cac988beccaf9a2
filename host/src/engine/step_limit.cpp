#include "engine/step_limit.hpp"

#include <cmath>

#include "data/nearest.hpp"
#include "data/number_text.hpp"
#include "engine/stiffness_watch.hpp"
#include "loader/registry.hpp"

namespace odeon::host {
namespace {

// What holds the steps down, for a solve that has spent them all.
std::string limited_by(const StepLimit& l, const SolverChoice& solver) {
  if (l.stability_ratio > StiffnessWatch::kNear)
    return "the steps are limited by stability: the problem is stiff for solver '" + solver.id() + "'";
  if (l.reason) return std::string("the steps are limited because ") + l.reason;
  if (std::abs(l.h) == solver.settings.max_step) return "the steps are limited by max_step";
  return "the steps are limited by the error estimate";
}

// "use a solver for stiff problems: …", those that are installed.
std::string stiff_remedy(const SolverChoice& solver) {
  std::vector<std::string> ids;
  const Registry* registry = solver.component.registry;
  if (registry)
    for (const LoadedComponent* c : registry->components(ODEON_KIND_SOLVER)) {
      const auto& api = *static_cast<const odeon_solver_api*>(c->descriptor->vtable);
      if (api.tableau ? Method(*api.tableau, c->id).stiff() : (api.capabilities & ODEON_SOLVER_STIFF) != 0)
        ids.push_back(c->id);
    }
  return ids.empty() ? "use a solver for stiff problems" : "use a solver for stiff problems: " + joined(ids);
}

}  // namespace

std::pair<std::string, std::string> explain(const StepLimit& l, const SolverChoice& solver) {
  if (l.steps_spent) {
    const bool stiff = l.stability_ratio > StiffnessWatch::kNear;
    return {
        "max_steps (" + std::to_string(solver.settings.max_steps) + ") was reached; " + limited_by(l, solver),
        stiff ? stiff_remedy(solver)
              : "loosen the tolerances, raise max_steps, or use a method for stiff problems"};
  }
  if (l.unbounded)
    return {
        "the solution grows without bound: it blows up here, and the step size fell below what time can "
        "resolve "
        "or min_step allows",
        "end 'times' before the blow-up, or check the field: the solution may not exist beyond"};
  if (l.reason)
    return {
        std::string("the step size fell below what time can resolve or min_step allows, because ") + l.reason,
        "check the field near this state, loosen the tolerances or change the method"};
  if (!std::isfinite(l.error))
    return {"the field gave non-finite values at every step size",
            "check the field near this state: it may divide by zero or leave its domain"};
  return {"the step size fell below what time can resolve or min_step allows",
          l.stability_ratio > StiffnessWatch::kNear
              ? stiff_remedy(solver)
              : "the solution may blow up or be stiff here; loosen the tolerances or change the method"};
}

std::pair<std::string, std::string> explain_stiffness(double steps, const SolverChoice& solver) {
  return {"the problem is stiff here: stability holds the steps of solver '" + solver.id() +
              "' down, and about " + number_text(std::ceil(steps)) +
              " more would be needed, beyond max_steps (" + std::to_string(solver.settings.max_steps) + ")",
          stiff_remedy(solver)};
}

std::pair<std::string, std::string> explain_lost(double time) {
  return {"the state is not finite at the requested time " + number_text(time),
          "use a smaller step_size or an adaptive method, or check the field: it may divide by zero or leave "
          "its domain"};
}

}  // namespace odeon::host
