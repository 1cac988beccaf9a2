// odeon.host.engine/1: the engine behind C functions, for gradient strategies.
#include <algorithm>
#include <cstring>

#include "data/error.hpp"
#include "engine/backend_gradient.hpp"
#include "engine/field_tangent.hpp"
#include "engine/instead.hpp"
#include "engine/kept_evaluations.hpp"
#include "engine/problem.hpp"
#include "engine/replay.hpp"
#include "engine/reversal.hpp"
#include "engine/rows.hpp"
#include "engine/services_edge.hpp"
#include "engine/stage_cotangents.hpp"
#include "engine/tape_dense.hpp"
#include "engine/theta_override.hpp"
#include "engine/trace.hpp"
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
  const int64_t none[] = {0};
  out->theta = p->theta.data ? p->theta : make_tensor(nullptr, p->dtype, none);
  out->tableau = p->solver.method ? p->solver.method->tableau() : nullptr;
  out->differentiable = p->field && p->field->field().differentiable();
  if (ODEON_HAS(out, additive)) out->additive = p->halves != nullptr;
  if (ODEON_HAS(out, rows_apart)) out->rows_apart = steps_per_row(*p);
  if (!ODEON_HAS(out, atol_vector)) return ODEON_OK;
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

// NULL: not wanted, or there is nothing to keep.
KeptEvaluations* kept_evaluations(odeon_problem& p, bool wanted = true) {
  if (wanted && !std::exchange(p.asked_for_kept_evaluations, true))
    p.kept_evaluations = KeptEvaluations::of(p);
  return wanted ? p.kept_evaluations.get() : nullptr;
}

odeon_status solve(odeon_problem* p, const odeon_solve_args* args) {
  return services_edge([&] {
    const odeon_solve_args all = whole(*args);
    const ThetaOverride theta(*p, all.theta);
    const Instead keeping(p->keeping, kept_evaluations(*p, all.residuals));
    integrate_on(*p, all);
  });
}

odeon_status dense_weights(odeon_problem* p, double x, int32_t derivative, int32_t n_k, double* w) {
  return services_edge([&] {
    if (!p->solver.method)
      throw RunError("solver '" + p->solver.id() +
                     "' has no weights of stages, because it takes steps by code");
    const Method& m = *p->solver.method;
    const size_t stages = static_cast<size_t>(m.stages()), begin = m.first_explicit() ? 0 : stages + 1,
                 end = m.fsal() && !p->halves ? stages - 1 : stages, n = static_cast<size_t>(n_k);
    if (n < stages || (dense_of(*p) == Dense::hermite && n <= std::max(begin, end)))
      throw RunError("dense output needs more derivatives than the " + std::to_string(n_k) + " of this step");
    m.weights(dense_of(*p), x, derivative != 0, {w, n}, begin, end);
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

odeon_status field_jvp(odeon_problem* p, const odeon_jvp_args* args) {
  return services_edge([&] {
    ++p->counters->jvps;
    if (!p->tangent) p->tangent = std::make_unique<FieldTangent>(*p);
    (*p->tangent)(*args);
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

odeon_status replay_steps(odeon_problem* p, const odeon_replay_args* args) {
  return services_edge([&] {
    const odeon_replay_args all = whole(*args);
    const Instead keeping(p->keeping, kept_evaluations(*p, all.residuals));
    replay(*p, all);
  });
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

odeon_status stage_cotangents(odeon_problem* p, const odeon_stage_cotangents_args* args) {
  return services_edge([&] {
    if (!p->solver.method) throw RunError("solver '" + p->solver.id() + "' is not a tableau");
    if (p->halves)
      throw RunError("additive steps of solver '" + p->solver.id() +
                     "' cannot be reversed: their stages are solved for one half of the field only");
    solve_stage_cotangents(*p, *args);
  });
}

odeon_status trace(odeon_problem* p, const odeon_solve_args* args, odeon_trace** out) {
  return services_edge(
      [&] { *out = reinterpret_cast<odeon_trace*>(trace_solve(*p, whole(*args)).release()); });
}

odeon_status trace_reverse(odeon_problem*, odeon_trace* trace, const odeon_tensor* gys,
                           const odeon_tensor* gy0, const odeon_tensor* gtheta) {
  return services_edge([&] { reverse_trace(*reinterpret_cast<Trace*>(trace), *gys, *gy0, gtheta); });
}

void trace_destroy(odeon_trace* trace) { delete reinterpret_cast<Trace*>(trace); }

odeon_status reversible_solve(odeon_problem* p, const odeon_solve_args* args, odeon_reversal** out) {
  return services_edge([&] { *out = solve_reversibly(*p, whole(*args)).release(); });
}

odeon_status reversal_run(odeon_problem* p, odeon_reversal* reversal, const odeon_reversal_args* args) {
  return services_edge([&] { run_reversal(*p, *reversal, *args); });
}

void reversal_destroy(odeon_reversal* reversal) { delete reversal; }

odeon_status row_solve(odeon_problem* p, const odeon_row_solve_args* args, odeon_row_gradient** out) {
  *out = nullptr;
  const odeon_status status = services_edge([&] { *out = solve_rows_by_backend(*p, whole(*args)).release(); });
  return status == ODEON_OK && !*out ? ODEON_E_UNSUPPORTED : status;
}

odeon_status row_reverse(odeon_problem* p, odeon_row_gradient* gradient, const odeon_row_reverse_args* args) {
  return services_edge([&] { reverse_rows_by_backend(*p, *gradient, whole(*args)); });
}

void row_destroy(odeon_row_gradient* gradient) { delete gradient; }

odeon_status residual_bytes(odeon_problem* p, int64_t* out) {
  return services_edge([&] {
    const KeptEvaluations* kept = kept_evaluations(*p);
    *out = kept ? kept->bytes() : 0;
  });
}

odeon_status residuals_keep(odeon_problem* p, odeon_residuals* residuals) {
  return services_edge([&] { p->kept_evaluations->keep(*residuals); });
}

void residuals_release(odeon_problem* p, odeon_residuals* residuals) {
  p->kept_evaluations->release(*residuals);
}

odeon_status residuals_vjp(odeon_problem* p, odeon_residuals* residuals, const odeon_vjp_args* args) {
  return services_edge([&] { p->kept_evaluations->vjp(*residuals, *args); });
}

constexpr odeon_engine_api table() {
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
  t.replay = replay_steps;
  t.dense_eval = dense_eval;
  t.dense_times = dense_times;
  t.dense_destroy = dense_destroy;
  t.field_jvp = field_jvp;
  t.stage_cotangents = stage_cotangents;
  t.trace = trace;
  t.trace_reverse = trace_reverse;
  t.trace_destroy = trace_destroy;
  t.reversible_solve = reversible_solve;
  t.reversal_run = reversal_run;
  t.reversal_destroy = reversal_destroy;
  t.row_solve = row_solve;
  t.row_reverse = row_reverse;
  t.row_destroy = row_destroy;
  t.residual_bytes = residual_bytes;
  t.residuals_keep = residuals_keep;
  t.residuals_release = residuals_release;
  t.residuals_vjp = residuals_vjp;
  return t;
}
constexpr odeon_engine_api kTable = table();

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
