#include "graph/run.hpp"

#include <odeon/sdk/error.hpp>
#include <odeon/sdk/tensor.hpp>
namespace odeon::cuda {

GraphRun::GraphRun(const GeneratedGraph& graph, int32_t dtype, int64_t batch)
    : graph_(graph), batch_(batch), layout_(lay_out(graph.arena, batch, dtype_bytes(dtype))) {
  for (size_t i = 0; i < graph.arena.size(); ++i) {
    const auto slot = static_cast<size_t>(graph.arena[i].slot);
    if (place_of_.size() <= slot) place_of_.resize(slot + 1, -1);
    place_of_[slot] = static_cast<int>(i);
  }
}

void GraphRun::check(const odeon_plan_args& args) const {
  if (args.n_inputs < graph_.n_inputs || args.n_outputs != graph_.n_outputs)
    throw Error("plan: " + std::to_string(args.n_inputs) + " inputs and " + std::to_string(args.n_outputs) +
                " outputs were given; the graph has " + std::to_string(graph_.n_inputs) + " and " +
                std::to_string(graph_.n_outputs));
  if (graph_.theta_end > 0 && (!args.theta || element_count(*args.theta) < graph_.theta_end))
    throw Error("plan: the graph reads " + std::to_string(graph_.theta_end) +
                " parameters; theta is shorter");
}

// From the last kernel to the first: one that writes a wanted output, or a value that a wanted kernel reads.
void GraphRun::choose(const odeon_plan_args& args) {
  const std::vector<int32_t> modes(args.modes, args.modes + args.n_outputs);
  if (modes == chosen_for_ && !wanted_.empty()) return;
  chosen_for_ = modes;
  wanted_.assign(graph_.kernels.size(), 0);
  std::vector<char> read(graph_.arena.size(), 0);
  for (size_t k = graph_.kernels.size(); k-- > 0;) {
    const GeneratedKernel& kernel = graph_.kernels[k];
    for (const Place& p : kernel.pointers)
      if (p.kind == Place::output && modes[size_t(p.index)] != ODEON_WRITE_SKIP) wanted_[k] = 1;
    for (int v : kernel.writes) wanted_[k] |= read[size_t(place_of_[size_t(v)])];
    for (int v : kernel.reads)
      if (wanted_[k]) read[size_t(place_of_[size_t(v)])] = 1;
  }
}

KernelArgs GraphRun::bind(const GeneratedKernel& kernel, const odeon_plan_args& args, void* arena) const {
  KernelArgs a{batch_, args.t.value, args.t.device, args.t.stride, 0, {}};
  for (size_t k = 0; k < kernel.pointers.size(); ++k) {
    const auto [kind, index] = kernel.pointers[k];
    const auto i = static_cast<size_t>(index);
    if (kind == Place::input) a.p[k] = args.inputs[i].data;
    if (kind == Place::theta) a.p[k] = args.theta->data;
    if (kind == Place::arena) a.p[k] = static_cast<char*>(arena) + layout_.offsets[size_t(place_of_[i])];
    if (kind == Place::output && args.modes[i] != ODEON_WRITE_SKIP) a.p[k] = args.outputs[i].data;
    if (kind == Place::output && args.modes[i] == ODEON_WRITE_ACCUMULATE) a.add |= uint64_t{1} << k;
  }
  return a;
}

void GraphRun::run(const odeon_plan_args& args, void* arena, const Launch& launch) {
  check(args);
  choose(args);
  for (size_t k = 0; k < graph_.kernels.size(); ++k) {
    const GeneratedKernel& kernel = graph_.kernels[k];
    const unsigned blocks = kernel.blocks(batch_);
    if (wanted_[k] && blocks > 0) launch(k, blocks, bind(kernel, args, arena));
  }
}

void GraphRun::run(const GraphCall& call, void* arena, const Launch& launch) {
  odeon_plan_args args{};
  args.struct_size = sizeof args;
  args.inputs = call.inputs.data(), args.n_inputs = std::ssize(call.inputs);
  args.theta = call.theta.data ? &call.theta : nullptr;
  args.t.device = call.t;
  args.outputs = call.outputs.data(), args.n_outputs = std::ssize(call.outputs);
  args.modes = call.modes.data();
  run(args, arena, launch);
}

}  // namespace odeon::cuda
