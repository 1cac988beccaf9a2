#include "engine/stepper.hpp"

#include "engine/code_stepper.hpp"
#include "engine/explicit_stepper.hpp"
#include "engine/implicit_stepper.hpp"

namespace odeon::host {

std::unique_ptr<Stepper> make_stepper(odeon_problem& problem) {
  if (!problem.solver.method) return std::make_unique<CodeStepper>(problem);
  if (problem.solver.method->is_explicit()) return std::make_unique<ExplicitStepper>(problem);
  return std::make_unique<ImplicitStepper>(problem);
}

}  // namespace odeon::host
