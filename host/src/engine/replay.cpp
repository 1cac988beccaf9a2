#include "engine/replay.hpp"

#include "data/error.hpp"
#include "engine/failure.hpp"
#include "engine/instead.hpp"
#include "engine/kept_evaluations.hpp"
#include "engine/tableau_stepper.hpp"
#include "engine/theta_override.hpp"
#include "engine/workspace.hpp"
#include "loader/host_table.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

// The residuals of one step's stages, which nobody takes, on the tape's account.
class OfOneStep {
 public:
  explicit OfOneStep(odeon_problem& p)
      : tape_(*p.tape), bytes_(p.keeping ? p.keeping->bytes() * int64_t(p.keeping->of_stages().size()) : 0) {
    tape_.add(bytes_);
  }
  ~OfOneStep() { tape_.add(-bytes_); }
  OfOneStep(const OfOneStep&) = delete;
  OfOneStep& operator=(const OfOneStep&) = delete;

 private:
  TapeMeter& tape_;
  int64_t bytes_;
};

}  // namespace

void replay(odeon_problem& p, const odeon_replay_args& args) {
  if (!p.solver.method || !p.solver.method->is_explicit())
    throw ConfigError(
        "steps of solver '" + p.solver.id() +
        "' cannot be taken again from a state alone (capability: explicit tableau); use gradient direct, "
        "or an explicit method");
  const ThetaOverride theta(p, args.theta);
  const OfOneStep residuals(p);
  auto& stepper = static_cast<TableauStepper&>(*p.stepper);
  odeon_tensor* y = p.work->y;  // the ends of a step; they swap
  p.backend->copy(y[0], *args.y0);
  stepper.begin_at(args.begin_t);
  for (int64_t i = 0; i < args.n_steps; ++i) {
    if (cancel_requested()) throw Cancelled();
    stepper.attempt(args.t0[i], args.h[i], false);
    if (args.end_derivative && args.end_derivative[i]) stepper.prepare_interpolation();
    if (args.on_step) {
      odeon_step_record r{};
      r.struct_size = sizeof r;
      r.t0 = args.t0[i], r.h = args.h[i];
      r.t0_anchor = r.t1_anchor = r.end_derivative = r.begin_derivative = -1;
      r.y0 = &y[0], r.y1 = &y[1];
      stepper.describe(r);
      call("step observer", args.on_step, args.user, &r);
    }
    stepper.advance();
    ++p.counters->accepted;
  }
  if (args.y1) p.backend->copy(*args.y1, y[0]);
}

void integrate_on(odeon_problem& p, const odeon_solve_args& args) {
  if (args.steps == ODEON_STEPS_OWN) return integrate(p, args);
  if (args.steps == ODEON_STEPS_MOVED) {
    const Instead moves(p.solver.settings.grid_ends_move, true);
    return integrate(p, args);
  }
  if (p.has_events() || p.solver.own_steps())
    throw ConfigError(p.has_events()
                          ? "no steps are kept of a solve with events (capability: given steps); leave "
                            "'frozen' out"
                          : "solver '" + p.solver.id() +
                                "' chooses its steps itself and cannot take those of another solve "
                                "(capability: given steps); leave 'frozen' out, or choose another solver");
  if (args.steps == ODEON_STEPS_AGAIN) {
    const Instead replays(p.solver.settings.replays, true);
    return integrate(p, args);
  }
  SolveLog log;
  {
    const Instead<SolveLog*> logged(p.log, &log);
    integrate(p, args);
  }
  p.replayed = std::move(log.pieces().front().steps);
}

}  // namespace odeon::host
