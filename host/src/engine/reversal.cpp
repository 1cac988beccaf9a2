#include "engine/reversal.hpp"

#include "engine/failure.hpp"
#include "engine/instead.hpp"
#include "engine/reversible_stepper.hpp"
#include "engine/services_edge.hpp"
#include "engine/workspace.hpp"
#include "loader/host_table.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

using Carried = std::vector<std::unique_ptr<TapeBuffer>>;

Carried state_buffers(odeon_problem& p, size_t n) {
  Carried buffers;
  for (size_t i = 0; i < n; ++i)
    buffers.push_back(std::make_unique<TapeBuffer>(p.backend, p.tape, byte_count(p.state_view(nullptr))));
  return buffers;
}

std::vector<odeon_tensor> views(const odeon_problem& p, const Carried& buffers) {
  std::vector<odeon_tensor> states;
  for (const auto& b : buffers) states.push_back(p.state_view(b->data()));
  return states;
}

void copy_all(odeon_problem& p, std::span<const odeon_tensor> to, std::span<const odeon_tensor> from) {
  for (size_t i = 0; i < to.size(); ++i) p.backend->copy(to[i], from[i]);
}

odeon_status record_step(void* user, const odeon_step_record* step) {
  return services_edge([&] {
    auto& reversal = *static_cast<odeon_reversal*>(user);
    for (int64_t i = 0; i < step->n_observations; ++i)
      reversal.observations.push_back({reversal.steps.size(), step->observations[i]});
    reversal.steps.push_back({step->t0, step->h});
  });
}

// From the last step to the first one: takes a step back, takes it once more under a trace, and reverses
// that. What the solver carries behind a step has its cotangents in `cotangents_`.
class Backwards {
 public:
  Backwards(odeon_problem& problem, const odeon_reversal& reversal, const odeon_reversal_args& args)
      : p_(problem),
        y_(problem.work->y),
        reversal_(reversal),
        args_(args),
        trace_(problem),
        stepper_(problem, &trace_),
        reverse_(problem, args.gtheta) {}

  void run() {
    if (reversal_.segments.empty()) return p_.backend->copy(*args_.gy0, row(*args_.gys, 0));
    allocate(reversal_.segments.front().carried.size());
    size_t steps = reversal_.steps.size();
    for (size_t s = reversal_.segments.size(); s-- > 0;) {
      const odeon_reversal::Segment& segment = reversal_.segments[s];
      begin(segment, *args_.y0);  // allocates, the first time
      copy_all(p_, before_, views(p_, segment.carried));
      for (; steps > segment.first; --steps) reverse_step(steps - 1);
      if (s == 0) observed(0, before_[0]);
      reverse_begin(segment,
                    s == 0 ? *args_.y0 : p_.state_view(reversal_.segments[s - 1].carried[0]->data()));
    }
    const odeon_tensor terms[] = {row(*args_.gys, 0), cotangents_[0]};
    constexpr double kOnes[] = {1, 1};
    p_.backend->lincomb(*args_.gy0, nullptr, 1, kOnes, terms);
  }

 private:
  void allocate(size_t n) {
    memory_ = state_buffers(p_, 2 * n + 1);
    const std::vector<odeon_tensor> all = views(p_, memory_);
    cotangents_.assign(all.begin(), all.begin() + long(n));
    before_.assign(all.begin() + long(n), all.end() - 1);
    observed_ = all.back();
    for (const odeon_tensor& g : cotangents_) p_.backend->fill(g, 0);
  }

  void begin(const odeon_reversal::Segment& segment, const odeon_tensor& y) {
    p_.backend->copy(y_[0], y);
    trace_.begin_step({y_, 1});
    stepper_.begin(segment.t0, segment.t_end);
  }

  // Step i, behind which `before_` is what the solver carried; then it is that of its beginning.
  void reverse_step(size_t i) {
    if (cancel_requested()) throw Cancelled();
    const auto [t0, h] = reversal_.steps[i];
    stepper_.resume(t0 + h, before_);
    stepper_.step_back(t0, h, observed_);
    copy_all(p_, before_, stepper_.carried());
    trace_.begin_step(before_);
    stepper_.resume(t0, before_);
    p_.backend->copy(y_[0], before_[0]);
    trace_.copied(y_[0], before_[0]);
    const Trial trial = stepper_.attempt(t0, h, false);
    if (trial.reason) throw RunError(std::string("a step could not be taken once more: ") + trial.reason);
    ++p_.counters->accepted;
    seed_observations(i);
    stepper_.advance();
    seed_carried();
    Trace::require_whole(results_, p_.solver.id());
    reverse_.run(cotangents_);
    results_.clear();
  }

  void seed_observations(size_t step) {
    for (; left_ > 0 && reversal_.observations[left_ - 1].step == step; --left_) {
      const odeon_observation& o = reversal_.observations[left_ - 1].place;
      const bool at_end = o.at_end || o.x == 1;
      if (!at_end) {
        stepper_.prepare_interpolation();
        stepper_.interpolate(o.x, observed_);
      }
      const odeon_tensor& y = at_end ? y_[1] : observed_;
      seed(trace_.value(y), row(*args_.gys, o.index));
      observed(o.index, y);
    }
  }

  void seed_carried() {
    const std::vector<odeon_tensor> now = stepper_.carried();
    for (size_t i = 0; i < now.size(); ++i) seed(trace_.value(now[i]), cotangents_[i]);
  }

  void seed(const TraceRef& value, const odeon_tensor& g) {
    reverse_.seed(value, g);
    results_.push_back(value);
  }

  // Through `start`; behind it there is only the state.
  void reverse_begin(const odeon_reversal::Segment& segment, const odeon_tensor& y) {
    begin(segment, y);
    seed_carried();
    reverse_.run({cotangents_.data(), 1});
    results_.clear();
    for (size_t i = 1; i < cotangents_.size(); ++i) p_.backend->fill(cotangents_[i], 0);
  }

  void observed(int64_t index, const odeon_tensor& y) const {
    if (args_.on_observation) call("observer", args_.on_observation, args_.user, index, &y);
  }

  odeon_problem& p_;
  odeon_tensor* y_;  // the ends of a step; they swap
  const odeon_reversal& reversal_;
  const odeon_reversal_args& args_;
  Trace trace_;
  ReversibleStepper stepper_;
  TraceReverse reverse_;
  Carried memory_;
  std::vector<odeon_tensor> cotangents_, before_;
  odeon_tensor observed_{};
  // Of the step; kept until it is reversed: a second observation's memory is that of the first.
  std::vector<TraceRef> results_;
  size_t left_ = reversal_.observations.size();
};

}  // namespace

std::unique_ptr<odeon_reversal> solve_reversibly(odeon_problem& p, const odeon_solve_args& args) {
  if (p.solver.method) throw not_reversible("solver '" + p.solver.id() + "'");
  auto reversal = std::make_unique<odeon_reversal>();
  auto own = std::make_unique<ReversibleStepper>(p);
  ReversibleStepper& stepper = *own;
  const auto end_segment = [&] {
    if (reversal->segments.empty()) return;
    Carried& carried = reversal->segments.back().carried;
    const std::vector<odeon_tensor> now = stepper.carried();
    carried = state_buffers(p, now.size());
    copy_all(p, views(p, carried), now);
  };
  stepper.before_begin = [&](double t, double t_end) {
    end_segment();
    reversal->segments.push_back({t, t_end, reversal->steps.size(), {}});
  };
  const Instead<std::unique_ptr<Stepper>> in_place(p.stepper, std::move(own));
  odeon_solve_args observed = args;
  observed.on_step = record_step;
  observed.user = reversal.get();
  integrate(p, observed);
  end_segment();
  return reversal;
}

void run_reversal(odeon_problem& problem, const odeon_reversal& reversal, const odeon_reversal_args& args) {
  Backwards(problem, reversal, args).run();
}

}  // namespace odeon::host
