// odeon.host.engine/1: the engine behind C functions, for gradient strategies.
#include <odeon/sdk/error.hpp>

#include "data/error.hpp"
#include "engine/problem.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

// Host exceptions cannot pass through a component's frames: they wait in this thread, and check_call of the
// host code that called the component throws them again.
template <class Body>
odeon_status at_edge(Body&& body) {
  try {
    body();
    return ODEON_OK;
  } catch (const Cancelled&) {
    keep_exception(std::current_exception());
    return ODEON_CANCELLED;
  } catch (const std::exception& e) {
    keep_exception(std::current_exception());
    host_table().set_error(&host_table(), to_str(e.what()));
    return ODEON_E_SOLVE_FAILED;
  } catch (...) {  // of an embedding program's field
    keep_exception(std::current_exception());
    return ODEON_E_SOLVE_FAILED;
  }
}

odeon_status info(odeon_problem* p, odeon_problem_info* out) {
  out->dtype = p->dtype;
  out->backend_api = &p->backend->api();
  out->backend = p->backend->handle();
  out->queue = p->backend->queue();
  out->state = p->state_view(nullptr);
  out->theta = p->theta;
  out->tableau = p->solver.method->tableau();
  out->differentiable = p->field && p->field->field().differentiable();
  return ODEON_OK;
}

odeon_status solve(odeon_problem* p, const odeon_solve_args* args) {
  return at_edge([&] { integrate(*p, *args); });
}

odeon_status dense_weights(odeon_problem* p, double x, int32_t derivative, int32_t n_k, double* w) {
  p->solver.method->weights(dense_of(*p), x, derivative != 0, {w, static_cast<size_t>(n_k)});
  return ODEON_OK;
}

odeon_status field_eval(odeon_problem* p, odeon_scalar t, const odeon_tensor* y, const odeon_tensor* dy) {
  return at_edge([&] {
    ++p->counters->evaluations;
    p->field->eval(t, *y, p->theta.data ? &p->theta : nullptr, *dy);
  });
}

odeon_status field_vjp(odeon_problem* p, const odeon_vjp_args* args) {
  return at_edge([&] {
    ++p->counters->vjps;
    odeon_vjp_args with_theta = *args;
    if (p->theta.data) with_theta.theta = &p->theta;
    p->field->vjp(with_theta);
  });
}

odeon_status derive(odeon_problem* p, const odeon_derive_args* args, odeon_problem** out) {
  return at_edge([&] { *out = new odeon_problem(*p, *args); });
}

void problem_destroy(odeon_problem* derived) { delete derived; }

odeon_status tape_alloc(odeon_problem* p, int64_t bytes, void** out) {
  return at_edge([&] {
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
