// odeon.backend.solve/1: whole solves, of rows on their own or of a batch that steps together.
#include <odeon/ext/solve.h>

#include <odeon/sdk/tensor.hpp>

#include "device.hpp"
#include "solve/plan.hpp"

namespace odeon::cuda {
namespace {

odeon_status compile(odeon_backend* backend, const odeon_solve_spec* spec, odeon_solve_plan** out) {
  return barrier(backend->host, [&] {
    use(*backend);
    *out = (spec->joint > 0 ? make_joint_solve : make_row_solve)(*backend, *spec).release();
  });
}

void destroy(odeon_solve_plan* plan) {
  barrier(plan->backend.host, [&] {
    use(plan->backend);
    delete plan;
  });
}

odeon_status run(odeon_solve_plan* plan, odeon_queue* queue, const odeon_step_settings* settings,
                 const odeon_solve_run* r) {
  return barrier(plan->backend.host, [&] {
    use(plan->backend);
    plan->run(*queue, settings, *r);
  });
}

}  // namespace

void require_theta(const odeon_solve_run& run, int64_t theta_end) {
  if (theta_end > (run.theta ? element_count(*run.theta) : 0))
    throw Error("solve: the field reads " + std::to_string(theta_end) + " parameters; theta is shorter");
}

const odeon_backend_solve_api kSolveApi{sizeof(odeon_backend_solve_api), 0, compile, destroy, run};

}  // namespace odeon::cuda
