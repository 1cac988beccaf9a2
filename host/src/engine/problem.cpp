#include "engine/problem.hpp"

#include <cmath>
#include <odeon/sdk/options.hpp>

#include "data/error.hpp"
#include "engine/backend_gradient.hpp"
#include "engine/backend_solve.hpp"
#include "engine/event_watch.hpp"
#include "engine/field_halves.hpp"
#include "engine/field_tangent.hpp"
#include "engine/kept_evaluations.hpp"
#include "engine/linear_systems.hpp"
#include "engine/row_vectors.hpp"
#include "engine/rows.hpp"
#include "engine/second_derivatives.hpp"
#include "engine/stepper.hpp"
#include "engine/workspace.hpp"
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

const odeon_solver_api& SolverChoice::api() const {
  return *static_cast<const odeon_solver_api*>(component.component->descriptor->vtable);
}

const std::string& SolverChoice::id() const { return component.component->id; }

int SolverChoice::error_order() const {
  if (method) return method->error_order();
  return api().error_order > 0 ? api().error_order : api().order;
}

bool SolverChoice::estimates() const {
  return method ? method->has_error_estimate() : (api().capabilities & ODEON_SOLVER_ESTIMATES) != 0;
}

SolverChoice make_solver(const ComponentChoice& component) {
  SolverChoice choice{component, nullptr, {}};
  const std::string& id = choice.id();
  const odeon_value& options = component.options.value();
  if (const odeon_tableau* tableau = choice.api().tableau)
    choice.method = std::make_shared<Method>(*tableau, id);
  try {
    choice.settings = read_solver_settings(options);
  } catch (const odeon::Error& e) {
    const std::string where = mark_text(e.mark());
    throw ConfigError((where.empty() ? "" : where + ": ") + e.what());
  }
  SolverSettings& s = choice.settings;
  const auto place = [&](const char* key) { return mark_text(Options(&options).at(key).mark) + ": "; };
  const bool controlled = s.control == Control::adaptive;
  const char* control_key = Options(&options).given("coefficients") ? "coefficients" : "control";
  if (controlled && choice.own_steps())
    throw ConfigError(place(control_key) + "solver '" + id + "' chooses its steps itself, so '" +
                      control_key + "' has no effect; remove it");
  if (controlled && !choice.estimates())
    throw ConfigError(place(control_key) + "solver '" + id +
                      "' has no embedded error estimate, so 'control' must be fixed; choose " +
                      "an adaptive method such as dopri5 or remove '" + control_key + "'");
  if (s.control == Control::fixed && choice.own_steps())
    throw ConfigError((s.step_size > 0  ? place("step_size")
                       : s.grid.empty() ? place("control")
                                        : place("grid")) +
                      "solver '" + id +
                      "' chooses its steps itself and cannot take fixed ones; remove it, or " +
                      "limit the steps with max_step");
  const bool implicit = choice.method ? !choice.method->is_explicit() : choice.stiff();
  s.predictive = s.control == Control::automatic && implicit;
  if (s.control == Control::automatic)
    s.control = choice.estimates() || choice.own_steps() ? Control::adaptive : Control::fixed;
  if (s.control == Control::fixed && !s.breakpoints.empty())
    throw ConfigError(
        place("breakpoints") + "solver '" + id +
        "' runs with fixed steps here, where 'breakpoints' have no effect; put them into 'grid', or " +
        "choose an adaptive method without step_size and grid");
  if (s.control == Control::fixed && (s.rtol_given || s.atol_given))
    throw ConfigError(place(s.rtol_given ? "rtol" : "atol") + "solver '" + id +
                      "' runs with fixed steps here, where " + (s.rtol_given ? "rtol" : "atol") +
                      " has no effect; remove it, or choose an adaptive method without step_size and grid");
  return choice;
}

namespace {

Dense smooth_dense_of(const SolverChoice& solver) {
  const bool own = solver.method ? solver.method->has_dense() : solver.api().interpolate != nullptr;
  return own ? Dense::method : Dense::hermite;
}

}  // namespace

Dense dense_of(const SolverChoice& solver, bool has_events) {
  const Interpolation wish = solver.settings.interpolation;
  if (wish == Interpolation::linear) return Dense::linear;
  if (wish == Interpolation::cubic) return Dense::hermite;
  const bool on_a_grid = solver.settings.control == Control::fixed && !solver.settings.replays;
  return on_a_grid && !has_events ? Dense::linear : smooth_dense_of(solver);
}

Dense dense_of(const odeon_problem& p) { return dense_of(p.solver, p.has_events()); }

Dense smooth_dense_of(const odeon_problem& p) { return smooth_dense_of(p.solver); }

SolverChoice derived_solver(const odeon_problem& parent, const odeon_component_handle* given, double rtol,
                            double atol) {
  SolverChoice solver = given ? make_solver(*given) : parent.solver;
  SolverSettings& s = solver.settings;
  s.takes_part_of_grid = true;
  if (!given && std::exchange(s.replays, false) && s.interpolation == Interpolation::automatic &&
      s.control == Control::fixed)
    s.interpolation = Interpolation::cubic;  // as smooth as what was replayed
  if (std::isfinite(rtol)) s.rtol = {rtol};
  if (std::isfinite(atol)) s.atol = {atol};
  return solver;
}

int dense_degree(const odeon_problem& p, Dense dense) {
  switch (dense) {
    case Dense::linear:
      return 1;
    case Dense::hermite:
      return 3;
    default:
      return p.solver.method ? p.solver.method->dense_degree() : p.solver.api().order + 1;
  }
}

}  // namespace odeon::host

using namespace odeon;
using namespace odeon::host;

namespace {

// Which integrands have a weight in the step or in its dense output; f(t1, y1), where it is evaluated, is the
// first stage of the next step.
void find_needed_integrands(const Method& m, Dense dense, odeon_problem::Workspace& w) {
  const size_t stages = static_cast<size_t>(m.stages()), begin = m.first_explicit() ? 0 : stages + 1,
               end = m.fsal() ? stages - 1 : stages;
  w.q_needed.assign(w.k.size(), 0);
  for (double x : {0.3, 0.7}) {  // two points, so that a polynomial weight with a zero at one of them is seen
    m.weights(dense, x, false, w.weights, begin, end);
    for (size_t i = 0; i < w.k.size(); ++i) w.q_needed[i] |= w.weights[i] != 0;
  }
  for (size_t i = 0; i < stages; ++i) w.q_needed[i] |= m.b()[i] != 0;
  w.q_needed[begin] |= m.first_explicit();
  if (m.fsal() || m.first_explicit()) w.q_needed[end] = 1;
}

}  // namespace

odeon_problem::odeon_problem(std::shared_ptr<Backend> backend_in, std::shared_ptr<Field> field_in,
                             SolverChoice solver_in, int32_t dtype_in, int64_t batch_in,
                             std::vector<EventGroup> events_in)
    : backend(std::move(backend_in)),
      dtype(dtype_in),
      batch(batch_in),
      state_shape(field_in->state_shape()),
      solver(std::move(solver_in)),
      added_events(std::move(events_in)),
      counters(&own_counters_),
      tape(&own_tape_) {
  state_shape.insert(state_shape.begin(), batch);
  shared_field = std::move(field_in);
  field = std::make_unique<FieldProgram>(backend, shared_field, dtype, batch);
  rhs = std::make_unique<FieldRightHandSide>(*this);
  if (solver.method && solver.method->additive() && shared_field->halves())
    halves = std::make_unique<FieldHalves>(*this);
  if (has_events()) {
    check_events(all_events(), steps_per_row(*this) ? 1 : batch);
    if (!steps_per_row(*this)) events = std::make_unique<EventWatch>(*this);
  }
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
      ends_exactly(args.ends_exactly != 0),
      parent(&from),
      solver(derived_solver(from, args.solver, args.rtol, args.atol)),
      counters(from.counters),
      tape(from.tape) {
  state_shape.insert(state_shape.begin(), parts);
  rhs = std::make_unique<DerivedRightHandSide>(*args.field);
  allocate();
}

odeon_problem::~odeon_problem() = default;

std::vector<EventGroup> odeon_problem::all_events() const {
  std::vector<EventGroup> all = added_events;
  if (shared_field->events()) all.insert(all.begin(), field_events(shared_field));
  return all;
}

int64_t odeon_problem::state_elements() const {
  int64_t n = 1;
  for (int64_t d : state_shape) n *= d;
  return n;
}

void odeon_problem::allocate() {
  work = std::make_unique<Workspace>();
  Workspace& w = *work;
  const int64_t q_shape[] = {quadratures};
  for (odeon_tensor* x : {&w.y[0], &w.y[1], &w.stage}) *x = w.make(backend, dtype, state_shape);
  if (quadrature_in_norm)
    for (odeon_tensor& x : w.quadrature) x = w.make(backend, dtype, q_shape);
  const int64_t n_norms[] = {parts + 2};
  w.norms = data<double>(w.make(backend, ODEON_F64, n_norms));
  // Of a tableau: the stages, f(t1, y1) where no stage is it, f(t0, y0) likewise. By code: both ends and
  // scratch.
  const Method* m = solver.method.get();
  const size_t n_k = m ? static_cast<size_t>(m->stages()) + (m->first_explicit() ? 1 : 2) : 3;
  for (size_t i = 0; i < n_k; ++i) w.k.push_back(w.make(backend, dtype, state_shape));
  for (size_t i = 0; i < n_k && halves; ++i) w.k_explicit.push_back(w.make(backend, dtype, state_shape));
  for (size_t i = 0; i < n_k && quadratures > 0; ++i) w.q.push_back(w.make(backend, dtype, q_shape));
  w.weights.resize(n_k);
  w.coefficients.resize(std::max<size_t>(n_k, 4));
  w.terms.resize(w.coefficients.size());
  if (m) find_needed_integrands(*m, dense_of(*this), w);
  upload_tolerances();
  stepper = make_stepper(*this);
}

void odeon_problem::upload_tolerances() {
  const int64_t row = state_elements() / std::max<int64_t>(1, parts * batch);
  for (const auto& [values, vector, key] : {std::tuple(&solver.settings.rtol, &work->rtol, "rtol"),
                                            std::tuple(&solver.settings.atol, &work->atol, "atol")}) {
    if (values->size() == 1) continue;
    if (static_cast<int64_t>(values->size()) != row)
      throw ConfigError("'" + std::string(key) + "' has " + std::to_string(values->size()) +
                        " numbers, but one row of the state has " + std::to_string(row) +
                        "; give one number, or one per element");
    const int64_t shape[] = {row};
    *vector = work->make(backend, ODEON_F64, shape);
    backend->upload(vector->data, values->data(), row * 8);
  }
}
