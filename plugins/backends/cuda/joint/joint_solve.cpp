#include "joint/joint_solve.hpp"

#include <cstring>
#include <odeon/sdk/tensor.hpp>

#include "device.hpp"
#include "graph/kernels.hpp"
#include "joint/captured_solve.hpp"
#include "launch.hpp"
#include "solve/method_text.hpp"
#include "solve/row_solves.hpp"

namespace odeon::cuda {
namespace {

// What differs from run to run, as it lies in device memory.
struct RunArgs {
  SolveArgs solve;
  TapeArgs tape;
};
using GatedRun = WithGate<RunArgs>;

}  // namespace

JointShape shape_of(const odeon_backend& backend, const odeon_solve_spec& spec) {
  return joint_shape(*spec.graph, spec.dtype, spec.joint, backend.precision, backend.joint_form,
                     backend.blocks_at_once);
}

void launch_whole(const Module& kernel, const JointShape& shape, odeon_queue& queue, const void* argument) {
  if (shape.blocks == 1) return kernel.launch(0, 1, shape.threads, queue.stream, argument);
  kernel.launch_together(0, shape.blocks, shape.threads, queue.stream, argument);
}

void put_calls(odeon_queue& queue, const void* to, int calls, const GeneratedGraph& graph, int pointers,
               const std::function<void(int, const GraphRun::Launch&)>& call) {
  const size_t kernels = graph.kernels.size(), words = size_t(kCallWords + pointers);
  std::vector<uint64_t> all(size_t(calls) * kernels * words, 0);  // a batch of 0: not launched
  for (int i = 0; i < calls; ++i)
    call(i, [&](size_t kernel, unsigned, const KernelArgs& a) {
      std::memcpy(all.data() + (size_t(i) * kernels + kernel) * words, &a, words * sizeof(uint64_t));
    });
  queue.staging->to_device(const_cast<void*>(to), all.data(), int64_t(all.size() * sizeof(uint64_t)));
}

JointSolve::JointSolve(odeon_backend& owner, const odeon_solve_spec& spec)
    : odeon_solve_plan(owner),
      stages_(spec.tableau->stages),
      fsal_(is_fsal(*spec.tableau)),
      dtype_(spec.dtype),
      batch_(spec.joint),
      size_(spec.joint * row_size(*spec.graph)),
      shape_(shape_of(owner, spec)),
      memory_(owner.memory),
      times_(owner.memory) {
  if (spec.fixed)
    throw Error("fixed steps of a batch are driven by the host, which waits for none of them",
                ODEON_E_UNSUPPORTED);
  if (shape_.form != JointForm::captured) {
    JointSource source = joint_source(spec, shape_);
    graph_ = std::move(source.graph);
    whole_ = owner.modules.get(source.text, {kJointKernel});
  } else {
    phases_ = load_loop_kernels(owner.modules, phases_source(spec), phase_names());
    graph_ = generate(*spec.graph, dtype_, {batch_, owner.precision, {}});
    field_ = load_kernels(owner, graph_, dtype_, batch_);
  }
  field_run_.emplace(graph_, dtype_, batch_);
  take_memory();
}

void JointSolve::run(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& r) {
  require_theta(r, graph_.theta_end);
  if (r.batch != batch_) throw Error("solve: the batch is not that of the plan");
  put_arguments(queue, *settings, r);
  if (whole_)
    launch_whole(*whole_, shape_, queue, &args_);
  else
    loop_of(queue, *settings).launch(queue.stream);
  queue.cancel().wait();
  queue.staging->to_host(r.results, result_, sizeof *r.results);
}

// One piece: the states, then what only the phases read.
void JointSolve::take_memory() {
  const int64_t bytes = size_ * dtype_bytes(dtype_), parts = ceil_div(size_, kChunk);
  Pieces at;
  std::vector<int64_t> states;  // y, y1, stage, k
  for (int i = 0; i < 3 + stages_ + 1; ++i) states.push_back(at.take(bytes));
  const int64_t arena = at.take(field_run_->arena_bytes()),
                partials = at.take(2 * parts * int64_t{sizeof(double)}),
                call_times = at.take((stages_ + 1) * int64_t{sizeof(double)}), state = at.take(kStateBytes),
                result = at.take(sizeof(odeon_row_result)),
                pointers = at.take((stages_ + 1) * int64_t{sizeof(void*)}), run = at.take(sizeof(GatedRun)),
                calls = at.take(int64_t(sizeof(KernelArgs)) * call_count(stages_) *
                                int64_t(graph_.kernels.size()));
  char* base = static_cast<char*>(memory_.of(at.bytes));
  for (size_t i = 3; i < states.size(); ++i) k_.push_back(base + states[i]);
  arena_ = base + arena;
  result_ = reinterpret_cast<odeon_row_result*>(base + result);
  auto* gated = reinterpret_cast<GatedRun*>(base + run);
  args_.a = &gated->run.solve, args_.tape = &gated->run.tape, args_.gate = &gated->gate;
  args_.y = base + states[0], args_.y1 = base + states[1], args_.stage = base + states[2];
  args_.k = reinterpret_cast<void* const*>(base + pointers);
  args_.partials = reinterpret_cast<double*>(base + partials);
  args_.call_times = reinterpret_cast<double*>(base + call_times);
  args_.s = base + state;
  args_.calls = reinterpret_cast<const KernelArgs*>(base + calls);
}

void JointSolve::put_arguments(odeon_queue& queue, const odeon_step_settings& settings,
                               const odeon_solve_run& r) {
  GatedRun now{{solve_args(&settings, r), tape_}};
  const int64_t time_bytes = r.n_times * int64_t{sizeof(double)};
  void* times = times_.of(time_bytes);
  queue.staging->to_device(times, r.times, time_bytes);
  now.run.solve.times = static_cast<const double*>(times);
  now.run.solve.results = result_;
  now.run.solve.cancel = queue.cancel().word();
  queue.staging->to_device(const_cast<SolveArgs*>(args_.a), &now, sizeof now);  // of which it is the head
  if (const void* theta = r.theta ? r.theta->data : nullptr; !bound_ || theta != theta_.data) {
    theta_ = r.theta ? *r.theta : odeon_tensor{};
    loop_.reset();  // its launches hold the pointer
    put_pointers(queue);
    bound_ = true;
  }
}

void JointSolve::put_pointers(odeon_queue& queue) {
  queue.staging->to_device(const_cast<void**>(args_.k), k_.data(), int64_t(k_.size() * sizeof(void*)));
  if (!whole_) return;
  put_calls(queue, args_.calls, call_count(stages_), graph_, kMaxPointers,
            [&](int i, const GraphRun::Launch& launch) { call_field(i, launch); });
}

void JointSolve::call_field(int call, const GraphRun::Launch& launch) {
  const CallPlace place = place_of_call(call, stages_, fsal_);
  const auto flat = [&](void* data) { return make_tensor(data, dtype_, {size_}); };
  GraphCall field{theta_, args_.call_times + place.k, {flat(args_.state(place))}};
  field.put(flat(k_[size_t(place.k)]));
  field_run_->run(field, arena_, launch);
}

CapturedGraph& JointSolve::loop_of(odeon_queue& queue, const odeon_step_settings& settings) {
  const bool estimates = !(settings.first_step > 0);
  if (loop_ && loop_estimates_ == estimates) return *loop_;
  SolveWork work;
  work.estimates_first_step = estimates, work.fsal = fsal_, work.stages = stages_;
  work.phase = [&](Phase phase, int64_t which, const unsigned long long* conditions) {
    JointArgs args = args_;
    args.which = which;
    std::copy(conditions, conditions + kConditions, args.conditions);
    phases_->launch(size_t(phase), blocks_of(phase), kThreads, queue.stream, &args);
  };
  work.field = [&](int call) { call_field(call, launch_on(queue.stream, *field_, graph_)); };
  loop_.emplace(queue.stream, [&](CapturedSequence& all) { capture_solve(all, work); });
  loop_estimates_ = estimates;
  backend.host->log(backend.host, ODEON_LOG_DEBUG,
                    to_str("backend 'cuda': captured the loop of a joint solve"));
  return *loop_;
}

unsigned JointSolve::blocks_of(Phase phase) const {
  switch (phase) {
    case Phase::put_first:
    case Phase::combine:
    case Phase::observe:
    case Phase::move_on:
    case Phase::put_end:
      return item_blocks(size_);
    case Phase::norm:
      return row_blocks(ceil_div(size_, kChunk));
    default:
      return 1;
  }
}

std::unique_ptr<odeon_solve_plan> make_joint_solve(odeon_backend& backend, const odeon_solve_spec& spec) {
  return std::make_unique<JointSolve>(backend, spec);
}

}  // namespace odeon::cuda
