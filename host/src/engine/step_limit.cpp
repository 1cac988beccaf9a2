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

std::string too_short(const SolverChoice& solver) {
  return std::string("the step size fell below what time can resolve") +
         (solver.settings.min_step > 0 ? " or min_step allows" : "");
}

// A solver that controls its steps by itself may have methods of both kinds, such as CVODE's Adams and BDF.
bool is_for_stiff_problems(const SolverChoice& solver) { return solver.stiff() && !solver.own_steps(); }

// What gives the steps room, with or without another method.
std::string more_room(const SolverChoice& solver) {
  return std::string("loosen the tolerances") + (solver.settings.min_step > 0 ? ", lower min_step" : "");
}

std::string spent_remedy(const StepLimit& l, const SolverChoice& solver) {
  if (l.stability_ratio > StiffnessWatch::kNear) return stiff_remedy(solver);
  if (!l.reason && std::abs(l.h) == solver.settings.max_step) return "raise max_step or max_steps";
  return is_for_stiff_problems(solver)
             ? "loosen the tolerances or raise max_steps"
             : "loosen the tolerances, raise max_steps, or use a method for stiff problems";
}

}  // namespace

std::pair<std::string, std::string> explain(const StepLimit& l, const SolverChoice& solver) {
  if (l.steps_spent)
    return {
        "max_steps (" + std::to_string(solver.settings.max_steps) + ") was reached; " + limited_by(l, solver),
        spent_remedy(l, solver)};
  if (l.unbounded)
    return {"the solution grows without bound: it blows up here, and " + too_short(solver),
            "end 'times' before the blow-up, or check the field: the solution may not exist beyond"};
  if (l.reason)
    return {too_short(solver) + ", because " + l.reason,
            "check the field near this state, " + more_room(solver) + " or change the method"};
  if (!std::isfinite(l.error))
    return {"the field gave non-finite values at every step size",
            "check the field near this state: it may divide by zero or leave its domain"};
  return {too_short(solver), l.stability_ratio > StiffnessWatch::kNear
                                 ? stiff_remedy(solver)
                                 : std::string("the solution may blow up ") +
                                       (is_for_stiff_problems(solver) ? "or jump" : "or be stiff") +
                                       " here; " + more_room(solver) + " or change the method"};
}

std::pair<std::string, std::string> explain_stiffness(double steps, const SolverChoice& solver) {
  return {"the problem is stiff here: stability holds the steps of solver '" + solver.id() +
              "' down, and about " + number_text(std::ceil(steps)) +
              " more would be needed, beyond max_steps (" + std::to_string(solver.settings.max_steps) + ")",
          stiff_remedy(solver)};
}

std::pair<std::string, std::string> explain_lost(double time, const SolverSettings& settings) {
  return {"the state is not finite at the requested time " + number_text(time),
          (settings.control == Control::fixed
               ? shorter_steps(settings) + ", use step control with an adaptive method"
               : std::string("tighten rtol and atol, which makes the steps shorter")) +
              ", or check the field: it may divide by zero or leave its domain"};
}

std::string shorter_steps(const SolverSettings& settings) {
  if (settings.step_size > 0) return "use a smaller step_size";
  if (!settings.grid.empty()) return "use a finer grid";
  if (settings.control == Control::fixed)
    return "set step_size: without it, a step goes from each of the times to the next";
  return "limit the steps with max_step";
}

}  // namespace odeon::host
