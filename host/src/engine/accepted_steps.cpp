#include "engine/accepted_steps.hpp"

#include "engine/problem.hpp"

namespace odeon::host {

std::vector<AcceptedStep> accepted_steps(odeon_problem& problem, const odeon_solve_args& args) {
  std::vector<AcceptedStep> steps;
  odeon_solve_args observed = args;
  observed.user = &steps;
  observed.on_step = [](void* user, const odeon_step_record* r) {
    static_cast<std::vector<AcceptedStep>*>(user)->push_back({r->t0, r->h, r->t0_anchor, r->t1_anchor});
    return ODEON_OK;
  };
  integrate(problem, observed);
  return steps;
}

}  // namespace odeon::host
