#include "engine/problem.hpp"

#include <cmath>
#include <odeon/sdk/options.hpp>

#include "data/error.hpp"
#include "engine/workspace.hpp"
#include "experiment/component_handle.hpp"
#include "loader/marks.hpp"
#include "loader/registry.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

class FieldRightHandSide final : public RightHandSide {
 public:
  explicit FieldRightHandSide(odeon_problem& problem) : problem_(problem) {}
  void eval(double t, const odeon_tensor& y, const odeon_tensor& dy, const odeon_tensor*) override {
    ++problem_.counters->evaluations;
    problem_.field->eval(host_scalar(t), y, problem_.theta.data ? &problem_.theta : nullptr, dy);
  }

 private:
  odeon_problem& problem_;
};

class DerivedRightHandSide final : public RightHandSide {
 public:
  explicit DerivedRightHandSide(const odeon_derived_field& field) : field_(field) {}
  void eval(double t, const odeon_tensor& y, const odeon_tensor& dy, const odeon_tensor* q) override {
    call("derived system", field_.eval, field_.user, host_scalar(t), &y, &dy, q);
  }

 private:
  odeon_derived_field field_;
};

}  // namespace

SolverChoice make_solver(const LoadedComponent& component, const odeon_value& options) {
  const auto& api = *static_cast<const odeon_solver_api*>(component.descriptor->vtable);
  if (!api.tableau)
    throw RunError(
        "solver '" + component.id +
        "' takes its own steps, which this engine cannot run yet; choose a tableau method such as dopri5");
  SolverChoice choice{component.id, std::make_shared<Method>(*api.tableau, component.id), {}};
  try {
    choice.settings = read_solver_settings(options);
  } catch (const odeon::Error& e) {
    const std::string where = mark_text(e.mark());
    throw ConfigError((where.empty() ? "" : where + ": ") + e.what());
  }
  SolverSettings& s = choice.settings;
  const bool estimate = choice.method->has_error_estimate();
  const auto place = [&](const char* key) { return mark_text(Options(&options).at(key).mark) + ": "; };
  if (!estimate && s.control != Control::automatic && s.control != Control::fixed)
    throw ConfigError(place("control") + "solver '" + component.id +
                      "' has no embedded error estimate, so 'control' must be fixed; choose " +
                      "an adaptive method such as dopri5 or remove 'control'");
  if (s.control == Control::automatic) s.control = estimate ? Control::i : Control::fixed;
  if (s.control == Control::fixed && (s.rtol_given || s.atol_given))
    throw ConfigError(place(s.rtol_given ? "rtol" : "atol") + "solver '" + component.id +
                      "' runs with fixed steps here, where " + (s.rtol_given ? "rtol" : "atol") +
                      " has no effect; remove it, or choose an adaptive method without step_size and grid");
  return choice;
}

Dense dense_of(const odeon_problem& p) {
  const Interpolation wish = p.solver.settings.interpolation;
  if (wish == Interpolation::linear) return Dense::linear;
  if (wish == Interpolation::cubic) return Dense::hermite;
  if (p.solver.settings.control == Control::fixed) return Dense::linear;
  return p.solver.method->has_dense() ? Dense::method : Dense::hermite;
}

}  // namespace odeon::host

using namespace odeon;
using namespace odeon::host;

odeon_problem::odeon_problem(std::shared_ptr<Backend> backend_in, std::shared_ptr<Field> field_in,
                             SolverChoice solver_in, int32_t dtype_in, int64_t batch_in)
    : backend(std::move(backend_in)),
      dtype(dtype_in),
      batch(batch_in),
      state_shape(field_in->state_shape()),
      solver(std::move(solver_in)),
      counters(&own_counters_),
      tape(&own_tape_) {
  state_shape.insert(state_shape.begin(), batch);
  field = std::make_unique<FieldProgram>(backend, std::move(field_in), dtype, batch);
  rhs = std::make_unique<FieldRightHandSide>(*this);
  allocate();
}

odeon_problem::odeon_problem(odeon_problem& from, const odeon_derive_args& args)
    : backend(from.backend),
      dtype(from.dtype),
      batch(from.batch),
      state_shape(from.state_shape),
      parts(args.field->parts),
      quadratures(args.field->quadratures),
      quadrature_in_norm(args.field->quadrature_in_norm != 0),
      parent(&from),
      solver(from.solver),
      counters(from.counters),
      tape(from.tape) {
  state_shape.insert(state_shape.begin(), parts);
  rhs = std::make_unique<DerivedRightHandSide>(*args.field);
  if (args.solver) solver = make_solver(*args.solver->component, args.solver->options.value());
  if (std::isfinite(args.rtol)) solver.settings.rtol = {args.rtol};
  if (std::isfinite(args.atol)) solver.settings.atol = {args.atol};
  allocate();
}

odeon_problem::~odeon_problem() = default;

int64_t odeon_problem::state_elements() const {
  int64_t n = 1;
  for (int64_t d : state_shape) n *= d;
  return n;
}

void odeon_problem::allocate() {
  work = std::make_unique<Workspace>();
  Workspace& w = *work;
  const auto make = [&](int32_t type, std::span<const int64_t> shape) {
    odeon_tensor x = make_tensor(nullptr, type, shape);
    w.buffers.emplace_back(backend, byte_count(x));
    x.data = w.buffers.back().data();
    return x;
  };
  const size_t stages = static_cast<size_t>(solver.method->stages());
  w.y[0] = make(dtype, state_shape);
  w.y[1] = make(dtype, state_shape);
  w.stage = make(dtype, state_shape);
  for (size_t i = 0; i <= stages; ++i) w.k.push_back(make(dtype, state_shape));
  const int64_t q_shape[] = {quadratures};
  if (quadratures > 0)
    for (size_t i = 0; i <= stages; ++i) w.q.push_back(make(dtype, q_shape));
  if (quadrature_in_norm)
    for (odeon_tensor& x : w.quadrature) x = make(dtype, q_shape);
  const int64_t n_norms[] = {parts + 2};
  w.norms = data<double>(make(ODEON_F64, n_norms));
  w.weights.resize(stages + 1);
  w.coefficients.resize(stages + 1);
  w.terms.resize(stages + 1);

  // Which integrands have a weight in the step or in its dense output; the last stage of an FSAL method is
  // the first of the next step.
  const Dense dense = dense_of(*this);
  w.q_needed.assign(stages + 1, 0);
  for (double x : {0.3, 0.7}) {  // two points, so that a polynomial weight with a zero at one of them is seen
    solver.method->weights(dense, x, false, w.weights);
    for (size_t i = 0; i <= stages; ++i) w.q_needed[i] |= w.weights[i] != 0;
  }
  for (size_t i = 0; i < stages; ++i) w.q_needed[i] |= solver.method->b()[i] != 0;
  if (solver.method->fsal()) w.q_needed[stages - 1] = 1;
  w.q_needed[0] = 1;

  const int64_t row = state_elements() / std::max<int64_t>(1, parts * batch);
  for (const auto& [values, vector, key] : {std::tuple(&solver.settings.rtol, &w.rtol, "rtol"),
                                            std::tuple(&solver.settings.atol, &w.atol, "atol")}) {
    if (values->size() == 1) continue;
    if (static_cast<int64_t>(values->size()) != row)
      throw ConfigError("'" + std::string(key) + "' has " + std::to_string(values->size()) +
                        " numbers, but one row of the state has " + std::to_string(row) +
                        "; give one number, or one per element");
    const int64_t shape[] = {row};
    *vector = make(ODEON_F64, shape);
    backend->upload(vector->data, values->data(), row * 8);
  }
}
