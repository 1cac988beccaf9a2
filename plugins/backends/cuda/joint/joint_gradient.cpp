// The discrete reverse of a batch that stepped together, where one block does the solve: the solve again or
// once keeps its steps on a tape, a second kernel takes them back.
#include <algorithm>
#include <odeon/sdk/error.hpp>

#include "joint/joint_solve.hpp"
#include "launch.hpp"
#include "solve/tape.hpp"

namespace odeon::cuda {
namespace {

constexpr int64_t kFirstRoom = 64;  // steps

class JointGradient : public odeon_solve_gradient_plan {
 public:
  JointGradient(odeon_backend& owner, const odeon_solve_gradient_spec& spec)
      : odeon_solve_gradient_plan(owner),
        solve_(owner, *spec.solve),
        stages_(spec.solve->tableau->stages),
        dtype_(spec.solve->dtype),
        records_(tape_records(*spec.solve)),
        offsets_(spec.slice_offsets, spec.slice_offsets + spec.n_slices),
        memory_(owner.memory),
        tape_(owner.memory),
        times_(owner.memory) {
    for (int64_t i = 0; i < spec.n_slices; ++i)
      slice_counts_.push_back(count_of(spec.vjp->nodes[spec.vjp->outputs[3 + i]]).inner);
    JointSource source = joint_reverse_source(*spec.solve, *spec.vjp);
    graph_ = std::move(source.graph);
    reverse_ = owner.modules.get(source.text, {kJointReverseKernel});
    run_.emplace(graph_, dtype_, solve_.batch());
    take_memory();
  }

  void forward(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& r) override {
    take_room(std::max(room_, kFirstRoom), kTapeLimit);
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
    if (take_room(end.accepted, r.tape_limit > 0 ? r.tape_limit : kTapeLimit)) kept_ = {};
    r.tape_bytes = tape_bytes(std::min(room_, end.accepted));
    prepare(queue, r);
    const Kept wanted{solve.y0->data, solve.ys ? solve.ys->data : nullptr, end.accepted};
    for (int64_t last = end.accepted; last > 0;) {
      const int64_t first = (last - 1) / room_ * room_;
      if (kept_ != wanted || kept_first_ != first) keep_again(queue, r, first);
      args_.tape = tape_from(first);
      args_.steps = last - first;
      args_.begins = last == end.accepted, args_.ends = first == 0;
      reverse_->launch(0, 1, kThreads, queue.stream, &args_);
      last = first;
    }
    int64_t state[2];
    queue.staging->to_host(state, args_.s, sizeof state);
    r.products = state[1];
    if (r.gtimes) queue.staging->to_host(r.gtimes, args_.gtimes, solve.n_times * int64_t{sizeof(double)});
  }

 private:
  // Which solve's first steps are on the tape.
  struct Kept {
    const void *y0 = nullptr, *ys = nullptr;
    int64_t accepted = -1;
    friend bool operator==(const Kept&, const Kept&) = default;
  };

  int64_t step_bytes() const { return records_ * solve_.state_bytes(); }
  int64_t tape_bytes(int64_t steps) const { return steps * (step_bytes() + 2 * int64_t{sizeof(double)}); }
  // For as many of `steps` as the limit allows, at least one. True: what was there is lost.
  bool take_room(int64_t steps, int64_t limit) {
    const int64_t room = std::max<int64_t>(1, std::min(steps, limit / tape_bytes(1)));
    if (room <= room_) return false;
    tape_.of(tape_bytes(room));
    room_ = room;
    return true;
  }
  TapeArgs tape_from(int64_t first) {
    char* base = static_cast<char*>(tape_.of(tape_bytes(room_)));
    return {first, room_, reinterpret_cast<double*>(base), base + room_ * 2 * int64_t{sizeof(double)}};
  }

  void take_memory() {
    Pieces at;
    const int64_t bytes = solve_.state_bytes();
    std::vector<int64_t> states;  // lambda, after, stage, mu, K
    for (int i = 0; i < 4 + stages_ + 1; ++i) states.push_back(at.take(bytes));
    const int64_t gt = at.take(solve_.batch() * dtype_bytes(dtype_)), arena = at.take(run_->arena_bytes()),
                  pointers = at.take((stages_ + 1) * int64_t{sizeof(void*)}), time = at.take(sizeof(double)),
                  state = at.take(2 * int64_t{sizeof(int64_t)}),
                  calls =
                      at.take(int64_t(sizeof(KernelArgs)) * (stages_ + 1) * int64_t(graph_.kernels.size()));
    char* base = static_cast<char*>(memory_.of(at.bytes));
    args_.lambda = base + states[0], args_.after = base + states[1];
    args_.stage = base + states[2], args_.mu = base + states[3];
    for (int i = 0; i <= stages_; ++i) K_.push_back(base + states[size_t(4 + i)]);
    args_.gt = base + gt, arena_ = base + arena;
    args_.K = reinterpret_cast<void* const*>(base + pointers);
    args_.call_time = reinterpret_cast<double*>(base + time);
    args_.s = reinterpret_cast<int64_t*>(base + state);
    args_.calls = reinterpret_cast<const KernelArgs*>(base + calls);
  }

  void prepare(odeon_queue& queue, const odeon_solve_gradient_run& r) {
    const odeon_solve_run& solve = *r.solve;
    args_.batch = solve_.batch(), args_.n_times = solve.n_times;
    const int64_t bytes = solve.n_times * int64_t{sizeof(double)};
    char* times = static_cast<char*>(times_.of(2 * bytes));  // and behind them dL/dt
    queue.staging->to_device(times, solve.times, bytes);
    args_.times = reinterpret_cast<const double*>(times);
    args_.gtimes = r.gtimes ? reinterpret_cast<double*>(times + bytes) : nullptr;
    args_.gys = r.gys->data;
    args_.gy0 = r.gy0->data;
    const Bound now{solve.theta ? solve.theta->data : nullptr, r.gtheta ? r.gtheta->data : nullptr,
                    r.gtimes != nullptr, true};
    if (bound_ == now) return;
    bound_ = now;
    queue.staging->to_device(const_cast<void**>(args_.K), K_.data(), int64_t(K_.size() * sizeof(void*)));
    put_calls(queue, args_.calls, stages_ + 1, graph_.kernels.size(),
              [&](int i, const GraphRun::Launch& launch) { call_products(i, *r.solve, r.gtheta, launch); });
  }

  // The products with K_i at `stage`.
  void call_products(int i, const odeon_solve_run& solve, const odeon_tensor* gtheta,
                     const GraphRun::Launch& launch) {
    const int64_t size = solve_.state_bytes() / dtype_bytes(dtype_);
    const odeon_tensor inputs[] = {make_tensor(args_.stage, dtype_, {size}),
                                   make_tensor(K_[size_t(i)], dtype_, {size})};
    std::vector<odeon_tensor> outputs = {make_tensor(nullptr, dtype_, {size}),
                                         make_tensor(args_.mu, dtype_, {size}),
                                         make_tensor(args_.gt, dtype_, {solve_.batch()})};
    std::vector<int32_t> modes = {ODEON_WRITE_SKIP, ODEON_WRITE_OVERWRITE,
                                  bound_.times ? ODEON_WRITE_OVERWRITE : ODEON_WRITE_SKIP};
    for (size_t s = 0; s < offsets_.size(); ++s) {
      char* slice = gtheta ? static_cast<char*>(gtheta->data) + offsets_[s] * dtype_bytes(dtype_) : nullptr;
      outputs.push_back(make_tensor(slice, dtype_, {slice_counts_[s]}));
      modes.push_back(gtheta ? ODEON_WRITE_ACCUMULATE : ODEON_WRITE_SKIP);
    }
    odeon_plan_args args{};
    args.struct_size = sizeof args;
    args.inputs = inputs, args.n_inputs = 2;
    args.theta = solve.theta;
    args.t.device = args_.call_time;
    args.outputs = outputs.data(), args.n_outputs = static_cast<int64_t>(outputs.size());
    args.modes = modes.data();
    run_->run(args, arena_, launch);
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

  struct Bound {
    const void *theta = nullptr, *gtheta = nullptr;
    bool times = false, there = false;
    friend bool operator==(const Bound&, const Bound&) = default;
  };

  JointSolve solve_;
  const int stages_;
  const int32_t dtype_;
  const int64_t records_;
  std::vector<int64_t> offsets_, slice_counts_;
  GeneratedGraph graph_;  // of the derivative products
  std::shared_ptr<const Module> reverse_;
  std::optional<GraphRun> run_;
  Room memory_, tape_, times_;
  std::vector<void*> K_;
  void* arena_ = nullptr;
  ReverseArgs args_{};
  Bound bound_;
  int64_t room_ = 0;  // steps that the tape holds
  Kept kept_;
  int64_t kept_first_ = 0;
};

}  // namespace

std::unique_ptr<odeon_solve_gradient_plan> make_joint_gradient(odeon_backend& backend,
                                                               const odeon_solve_gradient_spec& spec) {
  if (!is_for_one_block(*spec.solve))
    throw Error("the field is more than one block's; the host drives the reverse, which waits for nothing",
                ODEON_E_UNSUPPORTED);
  return std::make_unique<JointGradient>(backend, spec);
}

}  // namespace odeon::cuda
