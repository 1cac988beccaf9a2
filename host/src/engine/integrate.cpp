// The integration loop for explicit Runge-Kutta tableaus, stepping jointly for the whole batch.
#include <algorithm>
#include <cmath>
#include <limits>

#include "data/number_text.hpp"
#include "engine/failure.hpp"
#include "engine/grid.hpp"
#include "engine/problem.hpp"
#include "engine/step_arithmetic.hpp"
#include "engine/step_control.hpp"
#include "engine/workspace.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

class Integrator {
 public:
  Integrator(odeon_problem& problem, const odeon_solve_args& args)
      : p_(problem),
        w_(*problem.work),
        m_(*problem.solver.method),
        s_(problem.solver.settings),
        math_(problem),
        args_(args),
        times_(args.times, static_cast<size_t>(args.n_times)),
        dense_(dense_of(problem)),
        stages_(static_cast<size_t>(m_.stages())) {
    check_times();
    w_.observations.reserve(times_.size());
  }

  void run() {
    t_ = times_[0];
    p_.backend->copy(y(), *args_.y0);
    write_observation(0, *args_.y0);
    if (p_.quadrature_in_norm) p_.backend->fill(w_.quadrature[0], 0);
    if (times_.size() < 2) return;
    if (s_.control == Control::fixed)
      run_fixed();
    else
      run_adaptive();
  }

 private:
  odeon_tensor& y() { return w_.y[0]; }
  odeon_tensor& y1() { return w_.y[1]; }

  void check_times() const {
    if (times_.empty()) throw RunError("no times were given; at least the initial one is needed");
    for (size_t i = 1; i < times_.size(); ++i)
      if (!((times_[i] > times_[i - 1]) == (times_[1] > times_[0])) || times_[i] == times_[i - 1])
        throw RunError("times must be strictly increasing or strictly decreasing; entry " +
                       std::to_string(i) + " (" + number_text(times_[i]) + ") is not");
  }

  [[noreturn]] void fail(const std::string& reason, const std::string& remedy, double h, double error) const {
    throw SolveFailed({reason, remedy, t_, h, error, p_.counters->accepted + p_.counters->rejected});
  }

  void eval(double t, const odeon_tensor& at, size_t stage) {
    const bool wants_q = p_.quadratures > 0 && w_.q_needed[stage];
    p_.rhs->eval(t, at, w_.k[stage], wants_q ? &w_.q[stage] : nullptr);
  }

  // k[0] is there; the other stages and y1.
  void stages(double h) {
    for (size_t i = 1; i < stages_; ++i) {
      const bool last = m_.fsal() && i + 1 == stages_;
      const odeon_tensor& at = last ? y1() : w_.stage;
      math_.combine(at, &y(), h, m_.a_row(static_cast<int>(i)), w_.k);
      eval(t_ + m_.c(static_cast<int>(i)) * h, at, i);
    }
    if (!m_.fsal()) math_.combine(y1(), &y(), h, m_.b(), w_.k);
    end_derivative_ = m_.fsal() ? static_cast<int32_t>(stages_) - 1 : -1;
  }

  double initial_step(double direction) {
    if (s_.first_step > 0) return direction * std::min(s_.first_step, s_.max_step);
    const double one[] = {1.0};
    const double d0 = math_.scaled_norm(
        1, one, w_.y[0].data ? std::vector<odeon_tensor>{y()} : std::vector<odeon_tensor>{}, y(), nullptr);
    const double d1 = math_.scaled_norm(1, one, w_.k, y(), nullptr);
    if (!std::isfinite(d1))
      fail("the field or the initial state is not finite",
           "check the initial state and the field at the first time", 0, d1);
    const double h0 = trial_step(d0, d1);
    math_.combine(w_.stage, &y(), direction * h0, one, w_.k);
    std::vector<odeon_tensor> pair{w_.k[stages_], w_.k[0]};
    p_.rhs->eval(t_ + direction * h0, w_.stage, w_.k[stages_], nullptr);
    const double difference[] = {1.0, -1.0};
    const double d2 = math_.scaled_norm(1 / h0, difference, pair, y(), nullptr);
    const double h =
        first_step(h0, d1, std::isfinite(d2) ? d2 : std::numeric_limits<double>::max(), m_.order());
    return direction * std::min(h, s_.max_step);
  }

  void run_adaptive() {
    const double direction = times_[1] > times_[0] ? 1 : -1;
    eval(t_, y(), 0);
    double h = initial_step(direction);
    StepControl control(s_, m_.order());
    int64_t tried = 0;
    while (next_ < times_.size()) {
      if (cancel_requested()) throw Cancelled();
      if (tried++ >= s_.max_steps)
        fail("max_steps (" + std::to_string(s_.max_steps) + ") was reached",
             "loosen the tolerances, raise max_steps, or use a method for stiff problems", h, last_error_);
      if (t_ + h == t_ || !(std::abs(h) >= s_.min_step))
        fail(std::isfinite(last_error_) ? "the step size fell below what time can resolve or min_step allows"
                                        : "the field gave non-finite values at every step size",
             std::isfinite(last_error_)
                 ? "the solution may blow up or be stiff here; loosen the tolerances or change the method"
                 : "check the field near this state: it may divide by zero or leave its domain",
             h, last_error_);
      stages(h);
      last_error_ = math_.error_of_step(h);
      const bool accept = last_error_ <= 1;
      if (accept) {
        ++p_.counters->accepted;
        accept_step(h, -1, -1, false);
      } else {
        ++p_.counters->rejected;
      }
      h *= control.factor(last_error_);
      if (std::abs(h) > s_.max_step) h = direction * s_.max_step;
    }
  }

  void run_fixed() {
    const std::vector<GridPoint> grid = fixed_grid(s_, times_);
    for (size_t i = 0; i + 1 < grid.size(); ++i) {
      if (cancel_requested()) throw Cancelled();
      t_ = grid[i].t;
      const double h = grid[i + 1].t - t_;
      if (!have_first_) eval(t_, y(), 0);
      stages(h);
      ++p_.counters->accepted;
      accept_step(h, grid[i].anchor, grid[i + 1].anchor, true);
    }
  }

  // Observations in (t, t + h], the record, the quadrature; then the end of the step becomes its beginning.
  void accept_step(double h, int64_t anchor0, int64_t anchor1, bool fixed) {
    const double t1 = t_ + h;
    const auto reached = [&](double t) { return h > 0 ? t <= t1 : t >= t1; };
    w_.observations.clear();
    for (size_t i = next_; i < times_.size() && reached(times_[i]); ++i) {
      const bool at_end = fixed && anchor1 == static_cast<int64_t>(i);
      w_.observations.push_back({static_cast<int64_t>(i), at_end ? 1.0 : (times_[i] - t_) / h, at_end, 0});
    }
    const bool done = next_ + w_.observations.size() == times_.size();
    if (dense_ == Dense::hermite && end_derivative_ < 0)
      for (const odeon_observation& o : w_.observations)
        if (!o.at_end && end_derivative_ < 0) {
          eval(t1, y1(), stages_);
          end_derivative_ = static_cast<int32_t>(stages_);
        }
    for (const odeon_observation& o : w_.observations) observe(o, h);
    if (args_.on_step) report(h, fixed ? anchor0 : 0, fixed ? anchor1 : 0);
    if (args_.quadrature) add_quadrature(h, done);
    next_ += w_.observations.size();
    std::swap(w_.y[0], w_.y[1]);
    if (p_.quadrature_in_norm) std::swap(w_.quadrature[0], w_.quadrature[1]);
    t_ = t1;
    have_first_ = end_derivative_ >= 0;
    if (have_first_) {
      const size_t last = static_cast<size_t>(end_derivative_);
      std::swap(w_.k[0], w_.k[last]);
      if (p_.quadratures > 0) std::swap(w_.q[0], w_.q[last]);
    } else if (!fixed && !done) {
      eval(t_, y(), 0);
    }
  }

  size_t n_k() const { return stages_ + (end_derivative_ == static_cast<int32_t>(stages_) ? 1 : 0); }

  std::span<const double> dense_weights(double x) {
    const std::span<double> w{w_.weights.data(), dense_ == Dense::hermite && !m_.fsal() ? n_k() : stages_};
    m_.weights(dense_, x, false, w);
    return w;
  }

  void observe(const odeon_observation& o, double h) {
    odeon_tensor out = observation_tensor(o.index);
    if (out.data) {
      if (o.at_end)
        p_.backend->copy(out, y1());
      else
        math_.combine(out, &y(), h, dense_weights(o.x), w_.k);
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

  void finish_observation(int64_t index, const odeon_tensor& out) {
    if (!out.data) return;
    if (args_.ys && args_.y_last && index + 1 == args_.n_times) p_.backend->copy(*args_.y_last, out);
    if (s_.control != Control::fixed) return;  // adaptive steps with non-finite values are never accepted
    if (math_.is_finite(out)) return;
    // Fixed steps are looked at where they are asked for, since a look at each would wait for the device.
    t_ = times_[size_t(index) - 1];
    fail("the state is not finite at the requested time " + number_text(times_[size_t(index)]),
         "use a smaller step_size or an adaptive method, or check the field: it may divide by zero or leave "
         "its domain",
         0, std::numeric_limits<double>::quiet_NaN());
  }

  void report(double h, int64_t anchor0, int64_t anchor1) {
    odeon_step_record r{};
    r.struct_size = sizeof r;
    r.n_k = static_cast<int32_t>(n_k());
    r.t0 = t_, r.h = h;
    r.t0_anchor = anchor0, r.t1_anchor = anchor1;
    r.first_same_as_last = have_first_;
    r.end_derivative = end_derivative_;
    r.y0 = &y(), r.y1 = &y1();
    r.k = w_.k.data();
    r.observations = w_.observations.data();
    r.n_observations = static_cast<int64_t>(w_.observations.size());
    call("step observer", args_.on_step, args_.user, &r);
  }

  // Whole steps with b, the part up to the last time with the dense weights.
  void add_quadrature(double h, bool done) {
    const bool whole = !done || w_.observations.back().at_end;
    math_.combine(*args_.quadrature, args_.quadrature, h,
                  whole ? m_.b() : dense_weights(w_.observations.back().x), w_.q);
  }

  odeon_problem& p_;
  odeon_problem::Workspace& w_;
  const Method& m_;
  const SolverSettings& s_;
  StepArithmetic math_;
  const odeon_solve_args& args_;
  std::span<const double> times_;
  Dense dense_;
  size_t stages_;
  double t_ = 0, last_error_ = 0;
  size_t next_ = 1;              // first time not yet written
  bool have_first_ = false;      // k[0] is the derivative at (t, y), left by the step before
  int32_t end_derivative_ = -1;  // index in k of f(t1, y1) of this step
};

}  // namespace

void integrate(odeon_problem& problem, const odeon_solve_args& args) { Integrator(problem, args).run(); }

}  // namespace odeon::host
