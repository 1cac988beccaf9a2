// The integration loop: steps from a Stepper, jointly for the whole batch; acceptance, observations,
// failures.
#include <algorithm>
#include <cmath>
#include <limits>

#include "data/number_text.hpp"
#include "engine/backend_solve.hpp"
#include "engine/breakpoints.hpp"
#include "engine/dense_recorder.hpp"
#include "engine/event_watch.hpp"
#include "engine/failure.hpp"
#include "engine/grid.hpp"
#include "engine/problem.hpp"
#include "engine/row_at_fault.hpp"
#include "engine/rows.hpp"
#include "engine/step_arithmetic.hpp"
#include "engine/step_control.hpp"
#include "engine/step_limit.hpp"
#include "engine/stepper.hpp"
#include "engine/stiffness_watch.hpp"
#include "engine/tape_dense.hpp"
#include "engine/workspace.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

// How the ends of a step depend on the times (odeon_step_record).
struct StepEnds {
  int64_t anchor0, anchor1;
  double t1;  // a point of a grid may differ from t0 + h by round-off
  bool fixed;
  bool last = false;  // it ends at the last time by construction
};

class Integrator {
 public:
  // tape: receives the solution; NULL: not wanted.
  Integrator(odeon_problem& problem, const odeon_solve_args& args, odeon_dense* tape)
      : p_(problem),
        w_(*problem.work),
        s_(problem.solver.settings),
        stepper_(*problem.stepper),
        math_(problem),
        args_(args),
        tape_(tape),
        times_(args.times, static_cast<size_t>(args.n_times)) {
    check_times();
    if (p_.events && (args.on_step || args.quadrature || args.dense))
      throw ConfigError(
          "events are not passed on to step observers, quadratures and tapes, so no gradient goes through "
          "them");
    w_.observations.reserve(times_.size());
  }

  void run() {
    t_ = times_[0];
    p_.backend->copy(y(), *args_.y0);
    write_observation(0, *args_.y0);
    if (p_.quadrature_in_norm) p_.backend->fill(w_.quadrature[0], 0);
    if (p_.log) p_.log->begin(p_, t_, y());
    if (p_.events) p_.events->begin(t_, y());
    if (tape_) tape_->begin(t_, y());
    if (times_.size() < 2) return;
    begin_stepper();
    if (p_.dense) p_.dense->begin(t_);
    if (s_.replays)
      run_replayed();
    else if (s_.control == Control::fixed)
      run_fixed();
    else
      run_adaptive();
    if (p_.log) p_.log->end_piece(static_cast<int64_t>(next_));
    if (ended_) forget_rest();
  }

 private:
  odeon_tensor& y() { return w_.y[0]; }
  odeon_tensor& y1() { return w_.y[1]; }

  void check_times() const {
    if (times_.empty()) throw ConfigError("no times were given; at least the initial one is needed");
    for (size_t i = 0; i < times_.size(); ++i)
      if (!std::isfinite(times_[i]))
        throw ConfigError("times must be finite; entry " + std::to_string(i) + " (" + number_text(times_[i]) +
                          ") is not");
    for (size_t i = 1; i < times_.size(); ++i)
      if (!((times_[i] > times_[i - 1]) == (times_[1] > times_[0])) || times_[i] == times_[i - 1])
        throw ConfigError("times must be strictly increasing or strictly decreasing; entry " +
                          std::to_string(i) + " (" + number_text(times_[i]) + ") is not");
  }

  Failure failure(const std::string& reason, const std::string& remedy, double h, double error) const {
    return {reason, remedy, t_, h, error, steps_so_far() - steps_before_};
  }
  [[noreturn]] void fail(const std::string& reason, const std::string& remedy, double h, double error) const {
    throw SolveFailed(failure(reason, remedy, h, error));
  }

  int64_t steps_so_far() const { return p_.counters->accepted + p_.counters->rejected; }

  void run_adaptive() {
    const double direction = times_[1] > times_[0] ? 1 : -1;
    Breakpoints breakpoints(s_.breakpoints, t_, direction);
    StepControl control(s_, p_.solver.error_order());
    double h = stepper_.first_step(direction);
    for (int64_t tried = 0; next_ < times_.size() && !ended_; ++tried) {
      if (cancel_requested()) throw Cancelled();
      check_limits(tried, h);
      double tried_h = breakpoints.limited(t_, h);
      const bool last = ends_exactly_ && !breakpoints.clipped() && reaches_end(1.0001 * tried_h);
      if (last) tried_h = times_.back() - t_;
      const Trial trial = stepper_.attempt(t_, tried_h, true);
      last_error_ = trial.reason ? std::numeric_limits<double>::quiet_NaN() : trial.error;
      last_reason_ = trial.reason;
      const bool accept = last_error_ <= 1;
      bool whole = true;
      if (accept) {
        ++p_.counters->accepted;
        watch_stiffness(tried, h);
        const bool ends = last && trial.h == tried_h;  // a solver may choose a shorter step itself
        const int64_t end = breakpoints.clipped() ? -1 : ends ? args_.n_times - 1 : start_anchor_;
        const double t1 = ends ? times_.back() : t_ + trial.h;
        whole = accept_step(trial.h, {start_anchor_, end, t1, false, ends});
      } else {
        ++p_.counters->rejected;
      }
      if (accept && (!whole || (breakpoints.clipped() && trial.h == tried_h))) {
        begin_again(whole ? breakpoints.pass() : t_, control);
        h = next_ < times_.size() && !ended_ ? first_step_again(direction, whole ? 0 : tried_h) : h;
        continue;
      }
      h = trial.next_h != 0 ? trial.next_h : tried_h * control.factor(last_error_);
      if (std::abs(h) > s_.max_step) h = direction * s_.max_step;
    }
  }

  bool reaches_end(double h) const { return h > 0 ? t_ + h >= times_.back() : t_ + h <= times_.back(); }

  // Behind a jump nothing of the past helps, and no time depends on the first one any more.
  void begin_again(double t, StepControl& control) {
    t_ = t;
    start_anchor_ = -1;
    control.restart();
    begin_stepper();
  }

  // Behind an event, where the step before had length h_before, the state is often so near zero that the
  // estimate is smaller than time can resolve.
  double first_step_again(double direction, double h_before) {
    const double estimate = stepper_.first_step(direction);
    if (s_.first_step > 0 || h_before == 0) return estimate;
    constexpr double kFraction = 1e-6, kRoundings = 64 * std::numeric_limits<double>::epsilon();
    const double least = std::max({kFraction * std::abs(h_before), kRoundings * std::abs(t_), s_.min_step});
    return direction * std::max(std::abs(estimate), std::min(least, s_.max_step));
  }

  // Of an accepted step, before it is left.
  void watch_stiffness(int64_t tried, double h) {
    stiffness_.count_accepted();
    const bool due = stiffness_.due();
    if (!due && tried + 1 < s_.max_steps) return;
    last_ratio_ = stepper_.stability_ratio();
    if (!due) return;
    stiffness_.look(last_ratio_);
    const double span = times_.back() - t_;
    if (!stiffness_.hopeless(span, h, s_.max_steps - tried)) return;
    const auto [reason, remedy] = explain_stiffness(std::abs(span / h), p_.solver);
    fail(reason, remedy, h, last_error_);
  }

  void check_limits(int64_t tried, double h) {
    const bool spent = tried >= s_.max_steps;
    if (!spent && t_ + h != t_ && std::abs(h) >= s_.min_step) return;
    const bool rejected = tried > 0 && !(last_error_ <= 1);
    const StepLimit limit{spent,
                          h,
                          last_error_,
                          last_reason_,
                          rejected ? stepper_.stability_ratio() : last_ratio_,
                          tried > 0 && math_.grows_without_bound(w_.y[0], *args_.y0)};
    const auto [reason, remedy] = explain(limit, p_.solver);
    const Failure why = failure(reason, remedy, h, last_error_);
    throw SolveFailed(spent || tried == 0 ? why : with_row_at_fault(why, p_, w_.y[0], w_.y[1]));
  }

  void run_fixed() {
    const std::vector<GridPoint> grid = fixed_grid(s_, times_);
    for (size_t i = 0; i + 1 < grid.size() && !ended_;) {
      if (cancel_requested()) throw Cancelled();
      const double h = grid[i + 1].t - t_;
      const Trial trial = stepper_.attempt(t_, h, false);
      if (trial.reason)
        fail(trial.reason, shorter_steps(s_) + ", or use step control with an adaptive method", h,
             trial.error);
      ++p_.counters->accepted;
      const bool whole = accept_step(h, {grid[i].anchor, grid[i + 1].anchor, grid[i + 1].t, true});
      if (!whole) begin_stepper();
      if (whole || t_ == grid[i + 1].t) t_ = grid[++i].t;  // else what is left of the step behind an event
    }
  }

  void run_replayed() {
    for (const AcceptedStep& s : p_.replayed) {
      if (next_ == times_.size()) return;
      if (cancel_requested()) throw Cancelled();
      t_ = s.t0;
      if (s.begins && s.t0 != times_[0]) begin_stepper();
      const Trial trial = stepper_.attempt(t_, s.h, false);
      if (trial.reason)
        fail(trial.reason,
             s_.control == Control::fixed ? shorter_steps(s_)
                                          : "tighten rtol and atol, which makes the steps shorter",
             s.h, trial.error);
      ++p_.counters->accepted;
      accept_step(s.h, {s.t0_anchor, s.t1_anchor, s.t1, s.fixed, s.last});
    }
    if (next_ < times_.size()) throw RunError("the steps to be taken again end before the last time");
  }

  void begin_stepper() {
    stepper_.begin(t_, times_.back());
    begins_ = true;
  }

  // Observations in (t, t + h], the record, the quadrature; then the end of the step becomes its beginning.
  // False: an event cut it, and the next one begins behind the event, if the solve did not end there.
  bool accept_step(double h, const StepEnds& ends) {
    const auto cut = p_.events ? p_.events->look(stepper_, {t_, h, times_.back()}) : std::nullopt;
    const double t1 = cut ? cut->observe_to : ends.t1;
    const auto reached = [&](double t) { return h > 0 ? t <= t1 : t >= t1; };
    w_.observations.clear();
    bool inside = false;
    for (size_t i = next_; i < times_.size() && reached(times_[i]); ++i) {
      const bool at_end = ends.fixed && !cut && ends.anchor1 == static_cast<int64_t>(i);
      inside |= !at_end;
      w_.observations.push_back({static_cast<int64_t>(i), at_end ? 1.0 : (times_[i] - t_) / h, at_end, 0});
    }
    if (inside) stepper_.prepare_interpolation();
    for (const odeon_observation& o : w_.observations) observe(o);
    if (p_.dense) p_.dense->add(p_, stepper_, cut ? (cut->t - t_) / h : 1, cut ? cut->t : t1);
    const bool done = next_ + w_.observations.size() == times_.size();
    const bool whole = !done || w_.observations.back().at_end;
    const double x_end = whole ? 1 : w_.observations.back().x;
    if (tape_) tape_->add(stepper_, x_end, done ? times_.back() : t1);
    if (args_.on_step) report(h, ends);
    if (args_.quadrature) stepper_.add_quadrature(x_end, *args_.quadrature);
    next_ += w_.observations.size();
    const bool begins = std::exchange(begins_, false);
    if (p_.log) p_.log->add({t_, h, ends.t1, ends.anchor0, ends.anchor1, begins, ends.fixed, ends.last});
    if (cut) {
      t_ = cut->t;
      p_.events->resume(t_, y());
      if (p_.log) p_.log->end_piece(static_cast<int64_t>(next_));
      if (p_.log && !cut->terminal) p_.log->begin_piece(p_, t_, y());
      ended_ = cut->terminal;
      return false;
    }
    stepper_.advance();
    if (p_.quadrature_in_norm) std::swap(w_.quadrature[0], w_.quadrature[1]);
    t_ = t1;
    return true;
  }

  void observe(const odeon_observation& o) {
    odeon_tensor out = observation_tensor(o.index);
    if (out.data) {
      if (o.at_end || o.x == 1)
        p_.backend->copy(out, y1());
      else
        stepper_.interpolate(o.x, out);
    }
    finish_observation(o.index, out);
  }

  odeon_tensor observation_tensor(int64_t index) {
    odeon_tensor out = y();
    const bool last = index + 1 == args_.n_times;
    out.data = args_.ys               ? static_cast<char*>(args_.ys->data) + index * byte_count(out)
               : last && args_.y_last ? args_.y_last->data
                                      : nullptr;
    return out;
  }

  void write_observation(int64_t index, const odeon_tensor& value) {
    const odeon_tensor out = observation_tensor(index);
    if (out.data) p_.backend->copy(out, value);
    if (out.data && args_.ys && args_.y_last && index + 1 == args_.n_times)
      p_.backend->copy(*args_.y_last, value);
  }

  // Behind a terminal event there is no state.
  void forget_rest() {
    p_.backend->fill(y1(), std::numeric_limits<double>::quiet_NaN());
    for (; next_ < times_.size(); ++next_) write_observation(static_cast<int64_t>(next_), y1());
  }

  void finish_observation(int64_t index, const odeon_tensor& out) {
    if (!out.data) return;
    if (args_.ys && args_.y_last && index + 1 == args_.n_times) p_.backend->copy(*args_.y_last, out);
    if (s_.steps_are_chosen()) return;  // then non-finite values are never accepted
    if (math_.is_finite(out)) return;
    // Given steps are looked at where they are asked for, since a look at each would wait for the device.
    t_ = times_[size_t(index) - 1];
    const auto [reason, remedy] = explain_lost(times_[size_t(index)], s_);
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    throw SolveFailed(with_row_at_fault(failure(reason, remedy, 0, kNone), p_, y(), out));
  }

  void report(double h, const StepEnds& ends) {
    odeon_step_record r{};
    r.struct_size = sizeof r;
    r.t0 = t_, r.h = h;
    r.t0_anchor = ends.anchor0, r.t1_anchor = ends.anchor1;
    r.end_derivative = r.begin_derivative = -1;
    r.y0 = &y(), r.y1 = &y1();
    r.observations = w_.observations.data();
    r.n_observations = static_cast<int64_t>(w_.observations.size());
    stepper_.describe(r);
    call("step observer", args_.on_step, args_.user, &r);
  }

  odeon_problem& p_;
  odeon_problem::Workspace& w_;
  const SolverSettings& s_;
  Stepper& stepper_;
  StepArithmetic math_;
  const odeon_solve_args& args_;
  odeon_dense* tape_;
  std::span<const double> times_;
  int64_t steps_before_ = steps_so_far();
  double t_ = 0, last_error_ = 0;
  double last_ratio_ = 0;  // stability_ratio of the last accepted step that was looked at
  const char* last_reason_ = nullptr;
  size_t next_ = 1;           // first time not yet written
  int64_t start_anchor_ = 0;  // of adaptive steps: they move with the first time
  StiffnessWatch stiffness_;
  // Between long steps of a stiff method, fast components are much less accurate than at their ends.
  const bool ends_exactly_ = p_.ends_exactly || (p_.solver.stiff() && !p_.solver.own_steps());
  bool begins_ = false;  // the next step has no history
  bool ended_ = false;   // by a terminal event
};

}  // namespace

void integrate(odeon_problem& problem, const odeon_solve_args& args) {
  if (steps_per_row(problem)) return integrate_rows(problem, args);
  auto dense = args.dense ? std::make_unique<odeon_dense>(problem) : nullptr;
  Integrator integrator(problem, args, dense.get());
  if (integrate_by_backend(problem, args)) return;
  integrator.run();
  if (args.dense) *args.dense = dense.release();
}

}  // namespace odeon::host
