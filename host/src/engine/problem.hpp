// A system ready to be integrated: right-hand side, method, settings, backend and work space. This is
// the odeon_problem of the C ABI (ext/engine.h).
#pragma once
#include <odeon/ext/engine.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/counters.hpp"
#include "engine/device.hpp"
#include "engine/events.hpp"
#include "engine/field_program.hpp"
#include "engine/method.hpp"
#include "engine/solve_log.hpp"
#include "engine/solver_options.hpp"
#include "experiment/component_handle.hpp"

namespace odeon::host {

// dy = f(t, y); q is null where it is not wanted.
class RightHandSide {
 public:
  virtual ~RightHandSide() = default;
  virtual void eval(double t, const odeon_tensor& y, const odeon_tensor& dy, const odeon_tensor* q) = 0;
};

// A method with its settings, as chosen by `solver: {…}`: a tableau, or a component that takes steps by code.
struct SolverChoice {
  ComponentChoice component;             // each problem creates its own instance of one that takes steps
  std::shared_ptr<const Method> method;  // NULL for code
  SolverSettings settings;

  const odeon_solver_api& api() const;
  const std::string& id() const;
  int order() const { return method ? method->order() : api().order; }
  // 1 / the exponent of the error in step control: the order of the estimated error.
  int error_order() const;
  bool estimates() const;  // the host can control its steps
  bool own_steps() const { return !method && (api().capabilities & ODEON_SOLVER_OWN_STEPS); }
  bool stiff() const { return method ? method->stiff() : (api().capabilities & ODEON_SOLVER_STIFF) != 0; }
};

// Throws ConfigError for contradictions among the options.
SolverChoice make_solver(const ComponentChoice& choice);

class BackendGradient;
class BackendSolve;
class DenseRecorder;
class EventWatch;
class FieldHalves;
class Stepper;
class FieldTangent;
class KeptEvaluations;
class LinearSystems;
class RowVectors;
class SecondDerivatives;

}  // namespace odeon::host

// In the global namespace because C names it so.
struct odeon_problem {
  // A base problem: a field with parameters, and what to watch for beside the field's own events.
  odeon_problem(std::shared_ptr<odeon::host::Backend> backend, std::shared_ptr<odeon::host::Field> field,
                odeon::host::SolverChoice solver, int32_t dtype, int64_t batch,
                std::vector<odeon::host::EventGroup> events = {});
  // A derived one (odeon_engine_api::derive).
  odeon_problem(odeon_problem& parent, const odeon_derive_args& args);
  ~odeon_problem();

  void set_theta(const odeon_tensor& flat) { theta = flat; }

  std::shared_ptr<odeon::host::Backend> backend;
  int32_t dtype;
  int64_t batch;
  std::vector<int64_t> state_shape;  // [batch, state…], behind [parts] for a derived problem
  int32_t parts = 1;                 // equal parts of the state with a norm each
  int64_t quadratures = 0;
  bool quadrature_in_norm = false;
  bool ends_exactly = false;  // steps never go beyond the last time
  odeon_tensor theta{};

  std::unique_ptr<odeon::host::FieldProgram> field;          // of a base problem
  std::shared_ptr<odeon::host::Field> shared_field;          // likewise
  std::unique_ptr<odeon::host::FieldHalves> halves;          // set: an additive method takes them apart
  std::unique_ptr<odeon_problem> row;                        // see rows.hpp
  std::unique_ptr<odeon::host::RowVectors> row_vectors;      // likewise
  std::unique_ptr<odeon::host::BackendSolve> backend_solve;  // likewise
  bool asked_for_backend_solve = false;
  std::vector<std::shared_ptr<odeon::host::BackendGradient>> backend_gradients;  // see backend_gradient.hpp
  odeon_problem* parent = nullptr;  // of a derived one
  std::unique_ptr<odeon::host::RightHandSide> rhs;
  odeon::host::SolverChoice solver;

  std::vector<odeon::host::EventGroup> added_events;  // to the field's own
  std::unique_ptr<odeon::host::EventWatch> events;    // NULL: there are none, or each row watches for its own
  odeon::host::EventLog event_log;                    // of the last solve
  bool has_events() const { return !added_events.empty() || (shared_field && shared_field->events()); }
  std::vector<odeon::host::EventGroup> all_events() const;

  odeon::host::Counters* counters;  // of the phase that runs now; shared with derived problems
  odeon::host::TapeMeter* tape;

  std::vector<odeon::host::AcceptedStep> replayed;  // where the settings say `replays`
  odeon::host::SolveLog* log = nullptr;             // written by every solve; NULL: not wanted

  std::unique_ptr<odeon::host::KeptEvaluations> kept_evaluations;  // made when first asked for
  bool asked_for_kept_evaluations = false;
  odeon::host::KeptEvaluations* keeping = nullptr;  // of a solve whose stages keep residuals; else NULL

  odeon::host::DenseRecorder* dense = nullptr;  // sees every accepted step of a solve; NULL: not wanted

  // Work space, allocated once; steps allocate nothing.
  struct Workspace;
  std::unique_ptr<Workspace> work;
  std::unique_ptr<odeon::host::Stepper> stepper;
  std::unique_ptr<odeon::host::FieldTangent> tangent;  // of field_jvp; made when first needed
  // Of exact reverses; made when first needed.
  std::unique_ptr<odeon::host::LinearSystems> transposed;
  std::unique_ptr<odeon::host::SecondDerivatives> second;

  odeon_tensor state_view(void* data) const { return odeon::make_tensor(data, dtype, state_shape); }
  int64_t state_elements() const;

 private:
  void allocate();
  void upload_tolerances();
  odeon::host::Counters own_counters_;
  odeon::host::TapeMeter own_tape_;
};

namespace odeon::host {

// The solver of a problem that is derived from this one.
SolverChoice derived_solver(const odeon_problem& parent, const odeon_component_handle* solver, double rtol,
                            double atol);

// How values between step ends come about for this problem's solver.
Dense dense_of(const odeon_problem& problem);
Dense dense_of(const SolverChoice& solver, bool has_events);
// The best that there is, for values that must be as good as the steps: never straight lines.
Dense smooth_dense_of(const odeon_problem& problem);
// Of the polynomial that it is on each step.
int dense_degree(const odeon_problem& problem, Dense dense);

// Integrates over args.times (see odeon_solve_args). Throws SolveFailed, Cancelled.
void integrate(odeon_problem& problem, const odeon_solve_args& args);

// The table odeon.host.engine/1; registers itself with the host table when called first.
const odeon_engine_api& engine_table();

}  // namespace odeon::host
