#include "engine/explicit_rows.hpp"

#include <algorithm>
#include <cmath>

#include "engine/failure.hpp"
#include "engine/first_step.hpp"
#include "engine/row_outputs.hpp"
#include "engine/row_slot.hpp"
#include "engine/stage_stability.hpp"
#include "engine/step_arithmetic.hpp"
#include "engine/step_limit.hpp"
#include "loader/host_table.hpp"

namespace odeon::host {
namespace {

constexpr double kOne[] = {1.0}, kDifference[] = {1.0, -1.0};

class Solve {
 public:
  Solve(odeon_problem& problem, RowVectors& vectors, const odeon_solve_args& args)
      : p_(problem),
        v_(vectors),
        m_(*p_.solver.method),
        s_(p_.solver.settings),
        stability_(m_),
        args_(args),
        outputs_(p_, args),
        times_(args.times, static_cast<size_t>(args.n_times)),
        dense_(dense_of(p_)),
        stages_(static_cast<size_t>(m_.stages())),
        direction_(times_.size() > 1 && times_[1] < times_[0] ? -1 : 1),
        numbers_(static_cast<size_t>(p_.batch)),
        weights_(v_.k.size()),
        mask_(numbers_.size()) {
    for (int64_t r = 0; r < p_.batch; ++r)
      slots_.push_back({r, times_[0], 0, StepControl(s_, p_.solver.error_order())});
    v_.use(slots_.size());
  }

  std::vector<Failure> run() {
    p_.backend->copy(v_.y, *args_.y0);
    outputs_.write_initial();
    if (times_.size() < 2) return {};
    begin();
    while (running_ > 0) {
      if (cancel_requested()) throw Cancelled();
      for (size_t i = 0; i < slots_.size(); ++i) check_limits(i);
      if (running_ == 0) break;
      attempt();
      shrink();
    }
    return std::move(failures_);
  }

 private:
  template <class Of>
  std::span<const double> numbers(Of of) {
    for (size_t i = 0; i < slots_.size(); ++i) numbers_[i] = of(slots_[i]);
    return {numbers_.data(), slots_.size()};
  }
  odeon_scalar steps() {
    return v_.by_slot(numbers([](const RowSlot& s) { return s.h; }));
  }
  void eval_at(double c, const odeon_tensor& at, const odeon_tensor& dy) {
    v_.eval(numbers([c](const RowSlot& s) { return s.t + c * s.h; }), at, dy);
  }

  // f(t0, y0), and the first steps as initial_step finds them, by slot.
  void begin() {
    running_ = slots_.size();
    eval_at(0, v_.y, v_.k[0]);
    have_begin_ = true;
    if (s_.first_step > 0) {
      for (RowSlot& s : slots_) s.h = direction_ * std::min(s_.first_step, s_.max_step);
      return;
    }
    const std::span<const double> norms = v_.norms(host_scalar(1), kOne, {&v_.k[0], 1}, false);
    const std::vector<double> d1(norms.begin(), norms.end());
    const std::span<const double> d0 = v_.norms(host_scalar(1), kOne, {&v_.y, 1}, false);
    std::vector<FirstStep> first;
    for (size_t i = 0; i < slots_.size(); ++i) {
      first.emplace_back(d0[i], d1[i]);
      slots_[i].h = direction_ * first[i].trial();
    }
    v_.combine(v_.stage, steps(), kOne);
    eval_at(1, v_.stage, v_.k[stages_]);
    const odeon_tensor pair[] = {v_.k[stages_], v_.k[0]};
    const odeon_scalar inverse = v_.by_slot(numbers([](const RowSlot& s) { return 1 / std::abs(s.h); }));
    const std::span<const double> d2 = v_.norms(inverse, kDifference, pair, false);
    for (size_t i = 0; i < slots_.size(); ++i) {
      RowSlot& s = slots_[i];
      if (first[i].finite())
        s.h = direction_ * std::min(first[i].length(d2[i], m_.order()), s_.max_step);
      else
        fail(s, {FirstStep::kReason, FirstStep::kRemedy});
    }
  }

  void attempt() {
    if (!have_begin_) eval_at(0, v_.y, v_.k[0]);
    have_begin_ = true;
    const odeon_scalar h = steps();
    for (size_t i = 1; i < stages_; ++i) {
      const odeon_tensor& at = m_.fsal() && i + 1 == stages_ ? v_.y1 : v_.stage;
      v_.combine(at, h, m_.a_row(static_cast<int>(i)));
      eval_at(m_.c(static_cast<int>(i)), at, v_.k[i]);
    }
    if (!m_.fsal()) v_.combine(v_.y1, h, m_.b());
    const std::span<const double> errors = v_.norms(h, m_.error_weights(), v_.k, true);
    bool any = false, inside = false;
    for (size_t i = 0; i < slots_.size(); ++i) {
      RowSlot& s = slots_[i];
      s.error = errors[i];
      mask_[i] = !s.done() && s.error <= 1;
      any |= mask_[i] != 0;
      inside |= mask_[i] && reached(s);
      if (mask_[i]) s.stiffness.count_accepted();
    }
    watch_stiffness();
    if (any) accept(inside);
    for (size_t i = 0; i < slots_.size(); ++i) step_on(slots_[i], mask_[i] != 0);
  }

  bool reached(const RowSlot& s) const { return direction_ * (s.t + s.h - times_[s.next]) >= 0; }

  // As in the joint loop, by slot.
  void watch_stiffness() {
    looked_at_.clear();
    for (size_t i = 0; i < slots_.size(); ++i)
      if (slots_[i].worth_a_look(mask_[i] != 0, s_)) looked_at_.push_back(i);
    if (looked_at_.empty() || !stability_.known()) return;
    const std::span<const double> norms = v_.norms(host_scalar(1), stability_.between(), v_.k, false);
    arguments_.assign(norms.begin(), norms.end());
    const std::span<const double> slopes =
        v_.norms(host_scalar(1), kDifference, {&v_.k[stages_ - 2], 2}, false);
    for (const size_t i : looked_at_) {
      RowSlot& s = slots_[i];
      s.stability_ratio = stability_.ratio(arguments_[i], slopes[i]);
      if (mask_[i] && s.stiffness.due()) s.stiffness.look(s.stability_ratio);
      const double span = times_.back() - s.t;
      if (!s.stiffness.hopeless(span, s.h, s_.max_steps - s.tried)) continue;
      ++s.tried, ++p_.counters->accepted;
      fail(s, explain_stiffness(std::abs(span / s.h), p_.solver));
      mask_[i] = 0;
    }
  }

  void accept(bool inside) {
    size_t end = stages_ - 1;
    bool have_end = m_.fsal();
    if (!have_end && inside && dense_ == Dense::hermite) {
      end = stages_, have_end = true;
      eval_at(1, v_.y1, v_.k[end]);
    }
    for (size_t i = 0; i < slots_.size(); ++i)
      if (mask_[i])
        for (RowSlot& s = slots_[i]; s.next < times_.size() && reached(s); ++s.next)
          observe(i, s, have_end ? end : 0);
    const std::pair<odeon_tensor, odeon_tensor> ends[] = {{v_.y, v_.y1}, {v_.k[0], v_.k[end]}};
    v_.select(mask_, {ends, size_t(have_end ? 2 : 1)});
    have_begin_ = have_end;
  }

  void observe(size_t slot, const RowSlot& s, size_t end) {
    const int64_t time = static_cast<int64_t>(s.next);
    const odeon_tensor out = outputs_.place(time, s.row);
    if (!out.data) return;
    m_.weights(dense_, (times_[s.next] - s.t) / s.h, false, weights_, 0, end);
    v_.combine_row(out, slot, s.h, weights_);
    outputs_.finish(time, s.row);
  }

  void step_on(RowSlot& s, bool accepted) {
    if (s.done()) return;
    ++s.tried;
    ++(accepted ? p_.counters->accepted : p_.counters->rejected);
    if (accepted) s.t += s.h;
    if (s.next == times_.size()) {
      s.h = 0;
      --running_;
      return;
    }
    s.h *= s.control.factor(s.error);
    if (std::abs(s.h) > s_.max_step) s.h = direction_ * s_.max_step;
  }

  void check_limits(size_t slot) {
    RowSlot& s = slots_[slot];
    if (s.done()) return;
    const bool spent = s.tried >= s_.max_steps;
    if (!spent && !s.too_small(s.h, s_)) return;
    const odeon_tensor y = row_of(v_.y, static_cast<int64_t>(slot));
    const bool unbounded = StepArithmetic(p_).grows_without_bound(y, row_of(*args_.y0, s.row));
    fail(s, explain({spent, s.h, s.error, nullptr, s.stability_ratio, unbounded}, p_.solver));
  }

  void fail(RowSlot& s, const std::pair<std::string, std::string>& why) {
    failures_.push_back({why.first, why.second, s.t, s.h, s.error, s.tried, s.row});
    s.h = 0;
    --running_;
  }

  // The slots that still run move to the front, in their order.
  void shrink() {
    if (running_ == 0 || running_ > slots_.size() / 2) return;
    std::vector<RowSlot> left;
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].done()) continue;
      if (left.size() != i) v_.move_row(left.size(), i);
      left.push_back(slots_[i]);
    }
    slots_ = std::move(left);
    v_.use(slots_.size());
  }

  odeon_problem& p_;
  RowVectors& v_;
  const Method& m_;
  const SolverSettings& s_;
  const StageStability stability_;
  const odeon_solve_args& args_;
  const RowOutputs outputs_;
  std::span<const double> times_;
  Dense dense_;
  size_t stages_;
  double direction_;
  std::vector<RowSlot> slots_;
  size_t running_ = 0;
  bool have_begin_ = false;  // k[0] is the derivative at every slot's (t, y)
  std::vector<Failure> failures_;
  std::vector<double> numbers_, weights_, arguments_;
  std::vector<size_t> looked_at_;
  std::vector<uint8_t> mask_;  // of the slots whose step was accepted
};

}  // namespace

bool suits_explicit_rows(const odeon_problem& p) {
  const SolverChoice& s = p.solver;
  return s.method && s.method->is_explicit() && s.settings.control == Control::adaptive &&
         s.settings.breakpoints.empty() && p.shared_field && p.shared_field->graph() && !p.has_events();
}

void integrate_explicit_rows(odeon_problem& problem, RowVectors& vectors, const odeon_solve_args& args) {
  std::vector<Failure> failures = Solve(problem, vectors, args).run();
  if (failures.empty()) return;
  std::sort(failures.begin(), failures.end(),
            [](const Failure& a, const Failure& b) { return a.row < b.row; });
  throw SolveFailed(std::move(failures), problem.batch);
}

}  // namespace odeon::host
