// odeon.host.engine/1: the engine behind C functions, for gradient strategies.
#include "data/error.hpp"
#include "engine/problem.hpp"
#include "engine/services_edge.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

odeon_status info(odeon_problem* p, odeon_problem_info* out) {
  out->dtype = p->dtype;
  out->backend_api = &p->backend->api();
  out->backend = p->backend->handle();
  out->queue = p->backend->queue();
  out->state = p->state_view(nullptr);
  out->theta = p->theta;
  out->tableau = p->solver.method ? p->solver.method->tableau() : nullptr;
  out->differentiable = p->field && p->field->field().differentiable();
  if (ODEON_HAS(out, additive)) out->additive = p->halves != nullptr;
  return ODEON_OK;
}

odeon_status solve(odeon_problem* p, const odeon_solve_args* args) {
  return services_edge([&] { integrate(*p, *args); });
}

odeon_status dense_weights(odeon_problem* p, double x, int32_t derivative, int32_t n_k, double* w) {
  return services_edge([&] {
    if (!p->solver.method)
      throw RunError("solver '" + p->solver.id() +
                     "' has no weights of stages, because it takes steps by code");
    p->solver.method->weights(dense_of(*p), x, derivative != 0, {w, static_cast<size_t>(n_k)});
  });
}

odeon_status field_eval(odeon_problem* p, odeon_scalar t, const odeon_tensor* y, const odeon_tensor* dy) {
  return services_edge([&] {
    ++p->counters->evaluations;
    p->field->eval(t, *y, p->theta.data ? &p->theta : nullptr, *dy);
  });
}

odeon_status field_vjp(odeon_problem* p, const odeon_vjp_args* args) {
  return services_edge([&] {
    ++p->counters->vjps;
    odeon_vjp_args with_theta = *args;
    if (p->theta.data) with_theta.theta = &p->theta;
    p->field->vjp(with_theta);
  });
}

odeon_status derive(odeon_problem* p, const odeon_derive_args* args, odeon_problem** out) {
  return services_edge([&] { *out = new odeon_problem(*p, *args); });
}

void problem_destroy(odeon_problem* derived) { delete derived; }

odeon_status tape_alloc(odeon_problem* p, int64_t bytes, void** out) {
  return services_edge([&] {
    call(p->backend->name(), p->backend->api().alloc, p->backend->handle(), bytes, out);
    p->tape->add(bytes);
  });
}

void tape_release(odeon_problem* p, void* memory, int64_t bytes) {
  if (memory) call_release(p->backend->name(), p->backend->api().release, p->backend->handle(), memory);
  p->tape->add(-bytes);
}

constexpr odeon_engine_api kTable{
    sizeof(odeon_engine_api), 0,          info,        solve, dense_weights, field_eval, field_vjp, derive,
    problem_destroy,          tape_alloc, tape_release};

}  // namespace

const odeon_engine_api& engine_table() {
  static const bool registered = [] {
    register_host_extension(ODEON_EXT_HOST_ENGINE, &kTable);
    return true;
  }();
  (void)registered;
  return kTable;
}

}  // namespace odeon::host
