#include "joint/joint_adjoint.hpp"

#include <odeon/sdk/tensor.hpp>

#include "graph/kernels.hpp"
#include "joint/joint_solve.hpp"
#include "launch.hpp"
#include "solve/method_text.hpp"

namespace odeon::cuda {
namespace {

std::unique_ptr<odeon_solve_plan> make_solve(odeon_backend& owner, const odeon_solve_spec& spec) {
  return spec.joint > 0 ? make_joint_solve(owner, spec) : make_row_solve(owner, spec);
}

// As for the solve of as many rows.
JointShape shape_for(const odeon_backend& backend, const odeon_solve_gradient_spec& spec) {
  odeon_solve_spec solve = *spec.solve;
  solve.joint = spec.backward->joint;
  return shape_of(backend, solve);
}

}  // namespace

JointAdjoint::JointAdjoint(odeon_backend& owner, const odeon_solve_gradient_spec& spec)
    : odeon_solve_gradient_plan(owner),
      solve_(make_solve(owner, *spec.solve)),
      stages_(spec.backward->tableau->stages),
      fsal_(is_fsal(*spec.backward->tableau)),
      fixed_(spec.backward->fixed != 0),
      dtype_(spec.backward->dtype),
      batch_(spec.backward->joint),
      half_(batch_ * row_size(*spec.vjp)),
      theta_count_(spec.theta_count),
      shape_(shape_for(owner, spec)),
      offsets_(spec.slice_offsets, spec.slice_offsets + spec.n_slices),
      counts_(slice_counts(spec)),
      memory_(owner.memory),
      times_(owner.memory),
      grid_(owner.memory),
      grid_begin_(owner.memory) {
  for (int64_t count : counts_) {
    begins_.push_back(quadratures_);
    quadratures_ += count;
  }
  for (int i = 0; i <= stages_; ++i) wants_.push_back(wants_integrand(*spec.backward, i));
  load(spec);
  run_.emplace(graph_, dtype_, batch_);
  take_memory();
}

void JointAdjoint::load(const odeon_solve_gradient_spec& spec) {
  if (shape_.form != JointForm::captured) {
    JointSource source = joint_adjoint_source(spec, shape_);
    graph_ = std::move(source.graph);
    whole_ = backend.modules.get(source.text, {kJointAdjointKernel});
    return;
  }
  phases_ = load_loop_kernels(backend.modules, adjoint_phases_source(spec), adjoint_phase_names());
  const Graph products = adjoint_products(*spec.vjp);
  graph_ = generate(products.view(), dtype_, {batch_, backend.precision, {}});
  products_ = load_kernels(backend, graph_, dtype_, batch_);
}

// One piece: the states, each y and a; the integrands; then what only the phases read.
void JointAdjoint::take_memory() {
  const int64_t bytes = bytes_of(2 * half_), chunks = 2 * ceil_div(half_, kChunk);
  Pieces at;
  std::vector<int64_t> states, integrands;  // y, y1, stage, end, k
  for (int i = 0; i < 4 + stages_ + 1; ++i) states.push_back(at.take(bytes));
  for (int i = 0; i <= stages_; ++i)
    integrands.push_back(at.take(wants_[size_t(i)] ? bytes_of(quadratures_) : 0));
  const int64_t integral = at.take(bytes_of(quadratures_)), arena = at.take(run_->arena_bytes()),
                partials = at.take(2 * chunks * int64_t{sizeof(double)}),
                call_times = at.take((stages_ + 1) * int64_t{sizeof(double)}), state = at.take(kStateBytes),
                all = at.take(kAdjointStateWords * int64_t{sizeof(int64_t)}),
                norms = at.take(2 * int64_t{sizeof(double)}), result = at.take(sizeof(odeon_row_result)),
                pointers = at.take(2 * (stages_ + 1) * int64_t{sizeof(void*)}),
                solve = at.take(sizeof(SolveArgs)), run = at.take(sizeof(WithGate<AdjointRun>)),
                calls = at.take(int64_t(sizeof(KernelArgs)) * call_count(stages_) *
                                int64_t(graph_.kernels.size()));
  char* base = static_cast<char*>(memory_.of(at.bytes));
  for (size_t i = 4; i < states.size(); ++i) k_.push_back(base + states[i]);
  for (int64_t begin : integrands) q_.push_back(base + begin);
  arena_ = base + arena;
  result_ = reinterpret_cast<odeon_row_result*>(base + result);
  JointArgs& j = args_.j;
  j.a = reinterpret_cast<const SolveArgs*>(base + solve);
  j.y = base + states[0], j.y1 = base + states[1], j.stage = base + states[2];
  args_.end = base + states[3];
  j.k = reinterpret_cast<void* const*>(base + pointers);
  j.q = j.k + stages_ + 1;
  j.integral = base + integral;
  j.partials = reinterpret_cast<double*>(base + partials);
  j.call_times = reinterpret_cast<double*>(base + call_times);
  j.s = base + state;
  j.calls = reinterpret_cast<const KernelArgs*>(base + calls);
  args_.s = reinterpret_cast<int64_t*>(base + all);
  auto* gated = reinterpret_cast<WithGate<AdjointRun>*>(base + run);
  args_.r = &gated->run, j.gate = &gated->gate;
  args_.norms = reinterpret_cast<double*>(base + norms);
}

std::unique_ptr<odeon_solve_gradient_plan> make_joint_adjoint(odeon_backend& backend,
                                                              const odeon_solve_gradient_spec& spec) {
  return std::make_unique<JointAdjoint>(backend, spec);
}

}  // namespace odeon::cuda
