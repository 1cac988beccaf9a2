#include "engine/reversible_stepper.hpp"

#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

const odeon_solver_reversible_api* table_of(odeon_solver* solver, const odeon_solver_api& api,
                                            const std::string& name) {
  const void* found =
      api.get_ext ? call_slot(name, api.get_ext, solver, to_str(ODEON_EXT_SOLVER_REVERSIBLE)) : nullptr;
  if (!found) throw not_reversible(name);
  const auto* table = static_cast<const odeon_solver_reversible_api*>(found);
  if (!ODEON_HAS(table, step_back) || !table->carried || !table->resume)
    throw PluginError(name + ": the table " ODEON_EXT_SOLVER_REVERSIBLE
                             " is too small or lacks a required slot; this is a bug of the plugin");
  return table;
}

}  // namespace

ConfigError not_reversible(const std::string& solver) {
  return ConfigError("the steps of " + solver + " cannot be taken back by algebra (capability " +
                     ODEON_EXT_SOLVER_REVERSIBLE +
                     "); use a solver that `odeon describe` calls reversible, or gradient direct");
}

ReversibleStepper::ReversibleStepper(odeon_problem& problem, Trace* trace)
    : CodeStepper(problem, trace), reversible_(table_of(solver(), api(), name())) {}

void ReversibleStepper::begin(double t, double t_end) {
  if (before_begin) before_begin(t, t_end);
  CodeStepper::begin(t, t_end);
}

std::vector<odeon_tensor> ReversibleStepper::carried() {
  int32_t n = 0;
  call(name(), reversible_->carried, solver(), static_cast<odeon_tensor*>(nullptr), &n);
  if (n < 1) throw PluginError(name() + " carries no state from step to step; this is a bug of the plugin");
  std::vector<odeon_tensor> vectors(static_cast<size_t>(n));
  call(name(), reversible_->carried, solver(), vectors.data(), &n);
  return vectors;
}

void ReversibleStepper::resume(double t, std::span<const odeon_tensor> vectors) {
  call(name(), reversible_->resume, solver(), t, vectors.data());
}

void ReversibleStepper::step_back(double t0, double h, const odeon_tensor& scratch) {
  if (reversible_->step_back) return call(name(), reversible_->step_back, solver(), t0, h);
  odeon_step_result r{};
  r.struct_size = sizeof r;
  r.t1 = t0;
  call(name(), api().step, solver(), -h, &scratch, &r);
  if (api().accept) call(name(), api().accept, solver());
}

}  // namespace odeon::host
