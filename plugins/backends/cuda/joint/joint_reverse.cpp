#include "joint/joint_reverse.hpp"

#include <odeon/sdk/error.hpp>
#include <odeon/sdk/tensor.hpp>

#include "graph/kernels.hpp"
#include "joint/captured_reverse.hpp"
#include "joint/joint_solve.hpp"
#include "launch.hpp"
#include "solve/method_text.hpp"

namespace odeon::cuda {
namespace {

using GatedRun = WithGate<ReverseRun>;
constexpr unsigned kTimesBlocks = 64;  // for the times of a step: mostly one, of dense output many

}  // namespace

JointReverse::JointReverse(odeon_backend& owner, const odeon_solve_gradient_spec& spec,
                           const JointShape& shape)
    : backend_(owner),
      stages_(spec.solve->tableau->stages),
      shape_(shape),
      end_is_extra_(tape_records(*spec.solve) > stages_ + 1),
      last_is_free_(last_is_free(*spec.solve->tableau)),
      dtype_(spec.solve->dtype),
      batch_(spec.solve->joint),
      size_(batch_ * row_size(*spec.solve->graph)),
      offsets_(spec.slice_offsets, spec.slice_offsets + spec.n_slices),
      slice_counts_(slice_counts(spec)),
      memory_(owner.memory),
      times_(owner.memory) {
  if (shape_.form != JointForm::captured) {
    JointSource source = joint_reverse_source(*spec.solve, *spec.vjp, shape_);
    graph_ = std::move(source.graph);
    whole_ = owner.modules.get(source.text, {kJointReverseKernel});
  } else {
    phases_ = load_loop_kernels(owner.modules, reverse_phases_source(*spec.solve), reverse_phase_names());
    graph_ = generate(*spec.vjp, dtype_, {batch_, owner.precision, {}});
    products_ = load_kernels(owner, graph_, dtype_, batch_);
  }
  graph_run_.emplace(graph_, dtype_, batch_);
  take_memory();
}

void JointReverse::take_memory() {
  Pieces at;
  std::vector<int64_t> states;  // lambda, after, stage, mu, K
  for (int i = 0; i < 4 + product_count(stages_); ++i) states.push_back(at.take(size_ * dtype_bytes(dtype_)));
  const int64_t gt = at.take(product_count(stages_) * batch_ * dtype_bytes(dtype_)),
                arena = at.take(graph_run_->arena_bytes()),
                pointers = at.take(product_count(stages_) * int64_t{sizeof(void*)}),
                call_times = at.take(product_count(stages_) * int64_t{sizeof(double)}),
                state = at.take(kReverseStateBytes), run = at.take(sizeof(GatedRun)),
                calls = at.take(int64_t(sizeof(KernelArgs)) * product_count(stages_) *
                                int64_t(graph_.kernels.size()));
  char* base = static_cast<char*>(memory_.of(at.bytes));
  args_.batch = batch_;
  args_.lambda = base + states[0], args_.after = base + states[1];
  args_.stage = base + states[2], args_.mu = base + states[3];
  for (size_t i = 4; i < states.size(); ++i) K_.push_back(base + states[i]);
  args_.gt = base + gt, arena_ = base + arena;
  args_.K = reinterpret_cast<void* const*>(base + pointers);
  args_.call_times = reinterpret_cast<double*>(base + call_times);
  args_.s = reinterpret_cast<int64_t*>(base + state);
  auto* gated = reinterpret_cast<GatedRun*>(base + run);
  args_.r = &gated->run, args_.gate = &gated->gate;
  args_.calls = reinterpret_cast<const KernelArgs*>(base + calls);
}

void JointReverse::begin(odeon_queue& queue, const odeon_solve_gradient_run& r) {
  const odeon_solve_run& solve = *r.solve;
  const int64_t bytes = solve.n_times * int64_t{sizeof(double)};
  char* times = static_cast<char*>(times_.of(2 * bytes));  // and behind them dL/dt
  queue.staging->to_device(times, solve.times, bytes);
  run_.n_times = solve.n_times;
  run_.times = reinterpret_cast<const double*>(times);
  run_.gtimes = r.gtimes ? reinterpret_cast<double*>(times + bytes) : nullptr;
  run_.gys = r.gys->data;
  run_.gy0 = r.gy0->data;
  const Bound now{solve.theta ? solve.theta->data : nullptr, r.gtheta ? r.gtheta->data : nullptr,
                  r.gtimes != nullptr, true};
  if (bound_ == now) return;
  bound_ = now;
  theta_ = solve.theta ? *solve.theta : odeon_tensor{};
  gtheta_ = r.gtheta ? *r.gtheta : odeon_tensor{};
  loop_.reset();
  queue.staging->to_device(const_cast<void**>(args_.K), K_.data(), int64_t(K_.size() * sizeof(void*)));
  if (!whole_) return;
  put_calls(queue, args_.calls, product_count(stages_), graph_, kMaxPointers,
            [&](int i, const GraphRun::Launch& launch) { call_products(i, launch); });
}

void JointReverse::take_back(odeon_queue& queue, const TapeArgs& tape, int64_t steps, bool begins,
                             bool ends) {
  run_.tape = tape;
  run_.steps = steps;
  run_.begins = begins, run_.ends = ends;
  const GatedRun now{run_};
  queue.staging->to_device(const_cast<ReverseRun*>(args_.r), &now, sizeof now);  // of which it is the head
  if (whole_)
    launch_whole(*whole_, shape_, queue, &args_);
  else
    loop_of(queue).launch(queue.stream);
  queue.cancel().wait();
}

void JointReverse::end(odeon_queue& queue, odeon_solve_gradient_run& r) {
  int64_t state[2];
  queue.staging->to_host(state, args_.s, sizeof state);
  r.products = state[1];
  if (r.gtimes) queue.staging->to_host(r.gtimes, run_.gtimes, run_.n_times * int64_t{sizeof(double)});
}

// With K_i at `stage`.
void JointReverse::call_products(int i, const GraphRun::Launch& launch) {
  const auto flat = [&](void* data, int64_t count) { return make_tensor(data, dtype_, {count}); };
  GraphCall products{theta_, args_.call_times + i, {flat(args_.stage, size_), flat(K_[size_t(i)], size_)}};
  products.put(flat(nullptr, size_));
  products.put(flat(args_.mu, size_));
  char* gt = static_cast<char*>(args_.gt) + i * batch_ * dtype_bytes(dtype_);
  products.put(flat(bound_.times ? gt : nullptr, batch_));
  for (size_t s = 0; s < offsets_.size(); ++s) {
    char* slice = static_cast<char*>(gtheta_.data);
    if (slice) slice += offsets_[s] * dtype_bytes(dtype_);
    products.put(flat(slice, slice_counts_[s]), ODEON_WRITE_ACCUMULATE);
  }
  graph_run_->run(products, arena_, launch);
}

CapturedGraph& JointReverse::loop_of(odeon_queue& queue) {
  if (loop_) return *loop_;
  ReverseWork work;
  work.wants_times = bound_.times, work.end_is_extra = end_is_extra_, work.last_is_free = last_is_free_;
  work.stages = stages_;
  work.phase = [&](ReversePhase phase, int64_t which, const unsigned long long* conditions) {
    ReverseArgs args = args_;
    args.which = which;
    std::copy(conditions, conditions + kReverseConditions, args.conditions);
    phases_->launch(size_t(phase), blocks_of(phase), kThreads, queue.stream, &args);
  };
  work.product = [&](int i) { call_products(i, launch_on(queue.stream, *products_, graph_)); };
  loop_.emplace(queue.stream, [&](CapturedSequence& all) { capture_reverse(all, work); });
  backend_.host->log(backend_.host, ODEON_LOG_DEBUG,
                     to_str("backend 'cuda': captured the loop of a joint reverse"));
  return *loop_;
}

unsigned JointReverse::blocks_of(ReversePhase phase) const {
  switch (phase) {
    case ReversePhase::open:
    case ReversePhase::end_stage:
    case ReversePhase::end_taken:
    case ReversePhase::pass:
      return item_blocks(size_);
    case ReversePhase::times:
      return kTimesBlocks;
    default:
      return 1;
  }
}

}  // namespace odeon::cuda
