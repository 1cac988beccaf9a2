// odeon.host.engine/1: the engine behind C functions, for gradient strategies.
#include <algorithm>
#include <cstring>

#include "data/error.hpp"
#include "engine/problem.hpp"
#include "engine/services_edge.hpp"
#include "engine/tape_dense.hpp"
#include "engine/workspace.hpp"
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
  if (out->struct_size < sizeof *out) return ODEON_OK;
  const SolverSettings& s = p->solver.settings;
  const bool controlled = s.control != Control::fixed;
  out->rtol = controlled ? s.rtol[0] : 0;
  out->atol = controlled ? s.atol[0] : 0;
  out->rtol_vector = controlled ? static_cast<const double*>(p->work->rtol.data) : nullptr;
  out->atol_vector = controlled ? static_cast<const double*>(p->work->atol.data) : nullptr;
  return ODEON_OK;
}

// Arguments of a caller that was built when there were fewer: what it does not know is zero.
template <class Args>
Args whole(const Args& given) {
  Args args{};
  std::memcpy(&args, &given, std::min<size_t>(given.struct_size, sizeof args));
  return args;
}

odeon_status solve(odeon_problem* p, const odeon_solve_args* args) {
  return services_edge([&] { integrate(*p, whole(*args)); });
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
  return services_edge([&] { *out = new odeon_problem(*p, whole(*args)); });
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

odeon_status dense_eval(odeon_dense* dense, double t, const odeon_tensor* out) {
  return services_edge([&] { dense->eval(t, *out); });
}

odeon_status dense_times(odeon_dense* dense, const double** times, int64_t* n) {
  *times = dense->times().data();
  *n = static_cast<int64_t>(dense->times().size());
  return ODEON_OK;
}

void dense_destroy(odeon_dense* dense) { delete dense; }

constexpr odeon_engine_api kTable = [] {
  odeon_engine_api t{};
  t.struct_size = sizeof t;
  t.info = info;
  t.solve = solve;
  t.dense_weights = dense_weights;
  t.field_eval = field_eval;
  t.field_vjp = field_vjp;
  t.derive = derive;
  t.problem_destroy = problem_destroy;
  t.tape_alloc = tape_alloc;
  t.tape_release = tape_release;
  t.dense_eval = dense_eval;
  t.dense_times = dense_times;
  t.dense_destroy = dense_destroy;
  return t;
}();

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
