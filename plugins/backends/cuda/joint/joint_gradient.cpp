// The discrete reverse of a batch that stepped together: the solve again or once keeps its steps on a tape,
// from which they are taken back.
#include <algorithm>
#include <odeon/sdk/error.hpp>

#include "joint/joint_reverse.hpp"
#include "joint/joint_solve.hpp"
#include "solve/plan.hpp"
#include "solve/tape.hpp"

namespace odeon::cuda {
namespace {

constexpr int64_t kFirstRoom = 64;  // steps, within kTapeLimit
// Bytes at once of a field for the whole device, whose steps are large, unless the caller says so: what does
// not fit is solved again.
constexpr int64_t kLargeTapeLimit = int64_t{1} << 32;

class JointGradient : public odeon_solve_gradient_plan {
 public:
  JointGradient(odeon_backend& owner, const odeon_solve_gradient_spec& spec)
      : odeon_solve_gradient_plan(owner),
        solve_(owner, *spec.solve),
        reverse_(owner, spec, solve_.shape()),
        own_limit_(solve_.shape().form == JointForm::captured ? kLargeTapeLimit : kTapeLimit),
        step_bytes_(tape_records(*spec.solve) * solve_.state_bytes() + 2 * int64_t{sizeof(double)}),
        tape_(owner.memory),
        limit_(own_limit_) {}

  void forward(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& r) override {
    const int64_t first = std::min(kFirstRoom, kTapeLimit / step_bytes_);
    take_room(first, first);
    solve_.keep(tape_from(0));
    solve_.run(queue, settings, r);
    kept_ = {r.y0->data, r.ys ? r.ys->data : nullptr, r.results[0].accepted};
    kept_first_ = 0;
  }

  void backward(odeon_queue& queue, odeon_solve_gradient_run& r) override {
    const odeon_solve_run& solve = *r.solve;
    const odeon_row_result& end = solve.results[0];
    if (end.status != ODEON_ROW_DONE) throw Error("solve_gradient: the solve did not get to its end");
    r.evaluations = r.products = 0;
    limit_ = r.tape_limit > 0 ? r.tape_limit : own_limit_;
    take_room(end.accepted, end.accepted + end.accepted / 4);  // the next solve may take some more
    r.tape_bytes = std::min(room_, end.accepted) * step_bytes_;
    reverse_.begin(queue, r);
    const Kept wanted{solve.y0->data, solve.ys ? solve.ys->data : nullptr, end.accepted};
    for (int64_t last = end.accepted; last > 0;) {
      const int64_t first = (last - 1) / room_ * room_;
      if (kept_ != wanted || kept_first_ != first) keep_again(queue, r, first);
      reverse_.take_back(queue, tape_from(first), last - first, last == end.accepted, first == 0);
      last = first;
    }
    reverse_.end(queue, r);
  }

 private:
  // Which solve's steps from kept_first_ on are on the tape.
  struct Kept {
    const void *y0 = nullptr, *ys = nullptr;
    int64_t accepted = -1;
    friend bool operator==(const Kept&, const Kept&) = default;
  };

  // For `least` steps, for `wanted` ones where it is made anew; within the limit and what memory there is,
  // but one at least.
  void take_room(int64_t least, int64_t wanted) {
    const int64_t most = std::max<int64_t>(1, limit_ / step_bytes_);
    if (room_ >= std::min(least, most) && room_ <= most) return;
    kept_ = {};
    tape_.drop();
    room_ = std::clamp<int64_t>(wanted, 1, most);
    while (!has_memory()) room_ = (room_ + 1) / 2;
  }
  // False where fewer steps may fit.
  bool has_memory() {
    try {
      tape_.of(room_ * step_bytes_);
      return true;
    } catch (const Error& e) {
      if (e.status() != ODEON_E_NO_MEMORY || room_ == 1) throw;
      return false;
    }
  }
  TapeArgs tape_from(int64_t first) {
    char* base = static_cast<char*>(tape_.of(room_ * step_bytes_));
    return {first, room_, reinterpret_cast<double*>(base), base + room_ * 2 * int64_t{sizeof(double)}};
  }

  // The same solve once more, with its steps from `first` on the tape.
  void keep_again(odeon_queue& queue, odeon_solve_gradient_run& r, int64_t first) {
    odeon_row_result result{};
    odeon_solve_run again = *r.solve;
    again.ys = again.y_last = again.y_end = nullptr;
    again.results = &result;
    solve_.keep(tape_from(first));
    solve_.run(queue, r.settings, again);
    const odeon_row_result& before = r.solve->results[0];
    if (result.status != ODEON_ROW_DONE || result.accepted != before.accepted)
      throw Error(
          "solve_gradient: the batch took other steps than before; have y0, theta or the times changed since "
          "the solve?");
    r.evaluations += result.evaluations;
    kept_ = {r.solve->y0->data, r.solve->ys ? r.solve->ys->data : nullptr, result.accepted};
    kept_first_ = first;
  }

  JointSolve solve_;
  JointReverse reverse_;
  const int64_t own_limit_, step_bytes_;
  Room tape_;
  int64_t limit_, room_ = 0;  // steps that the tape holds
  Kept kept_;
  int64_t kept_first_ = 0;
};

}  // namespace

std::unique_ptr<odeon_solve_gradient_plan> make_joint_gradient(odeon_backend& backend,
                                                               const odeon_solve_gradient_spec& spec) {
  return std::make_unique<JointGradient>(backend, spec);
}

}  // namespace odeon::cuda
