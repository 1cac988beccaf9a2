// odeon.backend.solve/1 and odeon.backend.solve_gradient/1.
#include <odeon/sdk/error.hpp>

#include "solve/plan.hpp"

namespace odeon::cuda {
namespace {

template <class Plan, class Spec, class Make>
odeon_status compile(odeon_backend* backend, const Spec* spec, int32_t dtype, Plan** out, Make make) {
  return barrier(backend->host, [&] {
    require_dtype(backend->precision, dtype);  // whether or not it has products that are large enough
    use(*backend);
    *out = make(*backend, *spec).release();
  });
}

template <class Plan>
void destroy(Plan* plan) {
  barrier(plan->backend.host, [&] {
    use(plan->backend);
    delete plan;
  });
}

odeon_status compile_solve(odeon_backend* backend, const odeon_solve_spec* spec, odeon_solve_plan** out) {
  return compile(backend, spec, spec->dtype, out, spec->joint > 0 ? make_joint_solve : make_row_solve);
}

odeon_status run(odeon_solve_plan* plan, odeon_queue* queue, const odeon_step_settings* settings,
                 const odeon_solve_run* r) {
  return barrier(plan->backend.host, [&] {
    use(plan->backend);
    plan->run(*queue, settings, *r);
  });
}

// Backwards and forwards alike: fixed steps alone may be taken by rows one way only.
auto gradient_maker(const odeon_solve_gradient_spec& spec) {
  const bool adjoint = spec.method == ODEON_SOLVE_GRADIENT_ADJOINT,
             joint = (adjoint ? spec.backward : spec.solve)->joint > 0;
  return !joint ? make_row_gradient : adjoint ? make_joint_adjoint : make_joint_gradient;
}

odeon_status compile_gradient(odeon_backend* backend, const odeon_solve_gradient_spec* spec,
                              odeon_solve_gradient_plan** out) {
  return compile(backend, spec, spec->solve->dtype, out, gradient_maker(*spec));
}

odeon_status forward(odeon_solve_gradient_plan* plan, odeon_queue* queue, const odeon_step_settings* settings,
                     const odeon_solve_run* run) {
  return barrier(plan->backend.host, [&] {
    use(plan->backend);
    plan->forward(*queue, settings, *run);
  });
}

odeon_status backward(odeon_solve_gradient_plan* plan, odeon_queue* queue, odeon_solve_gradient_run* run) {
  return barrier(plan->backend.host, [&] {
    use(plan->backend);
    plan->backward(*queue, *run);
  });
}

}  // namespace

const odeon_backend_solve_api kSolveApi{sizeof(odeon_backend_solve_api), 0, compile_solve, destroy, run};
const odeon_backend_solve_gradient_api kSolveGradientApi{
    sizeof(odeon_backend_solve_gradient_api), 0, compile_gradient, destroy, forward, backward};

}  // namespace odeon::cuda
