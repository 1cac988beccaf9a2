// odeon.backend.solve/1: whole solves of small fields, a thread per row.
#include <odeon/ext/solve.h>

#include <odeon/sdk/error.hpp>

#include "solve/row_solves.hpp"

struct odeon_solve_plan {
  odeon_backend& backend;
  odeon::cuda::RowSolves solves;
};

namespace odeon::cuda {
namespace {

odeon_status compile(odeon_backend* backend, const odeon_solve_spec* spec, odeon_solve_plan** out) {
  return barrier(backend->host, [&] {
    use(*backend);
    *out = new odeon_solve_plan{*backend, RowSolves(*backend, solve_source(*spec), {kSolveKernel})};
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
    plan->solves.run(*queue, settings, *r);
  });
}

}  // namespace

const odeon_backend_solve_api kSolveApi{sizeof(odeon_backend_solve_api), 0, compile, destroy, run};

}  // namespace odeon::cuda
