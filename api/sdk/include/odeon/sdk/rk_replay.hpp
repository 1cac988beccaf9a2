// Runge-Kutta steps of a solve as plans from which they can be taken again, for strategies that keep states
// and compute the stages once more when they reverse a step.
#pragma once
#include <odeon/sdk/rk_reverse.hpp>

namespace odeon {

class StepPlans {
 public:
  // Of the next accepted step.
  void add(const odeon_step_record& r) {
    steps_.emplace_back(r, steps_.empty());
    t0_.push_back(r.t0), h_.push_back(r.h);
    end_derivative_.push_back(r.end_derivative >= 0);
    most_k_ = std::max(most_k_, static_cast<size_t>(r.n_k));
    steps_.back().k.clear();  // the solve's, which goes on
  }

  size_t size() const { return steps_.size(); }
  size_t most_k() const { return most_k_; }

  // y1 = the state at the beginning of step `to`, from y0 at that of step `from`.
  void advance(const Engine& engine, size_t from, size_t to, const odeon_tensor& y0,
               const odeon_tensor& y1) const {
    odeon_replay_args a = replay_of(from, to, y0);
    a.y1 = &y1;
    check(engine.api().replay(engine.problem(), &a));
  }

  // Reverses step i, which begins with y0; with the residuals of all its stages in memory, or evaluating
  // again.
  void reverse(const Engine& engine, size_t i, const odeon_tensor& y0, RungeKuttaReverse& sweep,
               bool residuals) const {
    struct Visit {
      const RecordedStep& plan;
      const odeon_tensor& y0;
      RungeKuttaReverse& sweep;
      static odeon_status on_step(void* user, const odeon_step_record* r) {
        const auto& self = *static_cast<Visit*>(user);
        return barrier(nullptr, [&] {
          RecordedStep step = self.plan;
          step.y0 = self.y0;
          step.k.assign(r->k, r->k + r->n_k);
          if (ODEON_HAS(r, residuals) && r->residuals)
            step.residuals.assign(r->residuals, r->residuals + r->n_k);
          self.sweep.reverse(step);
        });
      }
    } visit{steps_[i], y0, sweep};
    odeon_replay_args a = replay_of(i, i + 1, y0);
    a.on_step = Visit::on_step;
    a.user = &visit;
    a.residuals = residuals;
    check(engine.api().replay(engine.problem(), &a));
  }

 private:
  odeon_replay_args replay_of(size_t from, size_t to, const odeon_tensor& y0) const {
    odeon_replay_args a{};
    a.struct_size = sizeof a;
    a.y0 = &y0;
    a.n_steps = static_cast<int64_t>(to - from);
    a.t0 = &t0_[from], a.h = &h_[from];
    a.end_derivative = &end_derivative_[from];
    a.begin_t = steps_[from].shares_begin ? t0_[from - 1] + h_[from - 1] : t0_[from];
    return a;
  }

  std::vector<RecordedStep> steps_;  // without states
  std::vector<double> t0_, h_;
  std::vector<uint8_t> end_derivative_;
  size_t most_k_ = 0;
};

}  // namespace odeon
