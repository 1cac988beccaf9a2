#include "graph/cost.hpp"

#include <cstdio>
#include <odeon/sdk/graph_ops.hpp>

#include "graph/generate.hpp"

namespace odeon::cuda {
namespace {

// Operations per element: mean, variance and normalisation; the gradient has two more means and its formula;
// a maximum, a difference, an exponential, a sum and a difference.
constexpr double kGroupNorm = 6, kGroupNormGrad = 14, kLogSoftmax = 5;

// m n k; the batch is in one of them at most.
Count terms(const Product& p) {
  return {p.m.batch || p.n.batch || p.k.batch, p.m.inner * p.n.inner * p.k.inner};
}

void add_flops(const GraphValues& values, int i, Linear& flops) {
  const GraphValue& v = values.at(i);
  if (v.in_slices()) return flops.add(v.count, v.way.slices);
  if (is_product(v.node)) return flops.add(terms(values.product(i)), 2);
  if (v.role == Role::view) return;
  switch (v.node.op) {
    case ODEON_OP_SUM:
      return flops.add(values.at(v.node.inputs[0]).count);
    case ODEON_OP_GROUP_NORM:
      return flops.add(v.count, kGroupNorm);
    case ODEON_OP_GROUP_NORM_GRAD:
      return flops.add(v.count, kGroupNormGrad);
    case ODEON_OP_LOG_SOFTMAX:
      return flops.add(v.count, kLogSoftmax);
    default:
      flops.add(v.count);
  }
}

std::string sizes(const GeneratedKernel& k, int64_t batch) {
  const auto n = [](int64_t value) { return std::to_string(value); };
  std::string out = "; product " + n(k.product.m.of(batch)) + " x " + n(k.product.n.of(batch)) +
                    ", sums of " + n(k.product.k.of(batch)) + ": tiles " + n(k.way.tile->m) + " x " +
                    n(k.way.tile->n);
  if (k.way.slices > 1) out += ", " + n(k.way.slices) + " slices";
  return out;
}

}  // namespace

Work work_of(const GraphValues& values, const Schedule& schedule, const KernelPlan& plan) {
  Work out;
  for (int i : plan.members) {
    add_flops(values, i, out.flops);
    if (schedule.stored[size_t(i)]) out.elements.add(values.at(i).count);
  }
  if (plan.kind == KernelPlan::tiles && values.at(plan.product).in_slices()) {
    const GraphValue& v = values.at(plan.product);
    out.flops.add(terms(values.product(plan.product)), 2);
    out.elements.add(v.count, v.way.slices);
  }
  for (const auto& [value, output] : plan.puts) out.elements.add(values.at(value).count);
  for (int slot : plan.reads) {
    const bool slices = slot >= values.size();
    const GraphValue& v = values.at(slices ? slot - values.size() : slot);
    out.elements.add(v.count, slices ? v.way.slices : 1);
  }
  return out;
}

Cost cost_of(const GeneratedGraph& graph, int64_t batch, int64_t element_bytes) {
  Cost out{0, 0};
  for (const GeneratedKernel& k : graph.kernels) {
    out.flops += k.work.flops.of(batch);
    out.bytes += k.work.elements.of(batch) * double(element_bytes);
  }
  return out;
}

std::string describe(const GeneratedGraph& graph, int64_t batch, int64_t element_bytes) {
  const Cost cost = cost_of(graph, batch, element_bytes);
  char head[128];
  std::snprintf(head, sizeof head, "%zu kernels, batch %lld: %.3g flops, %.3g bytes a run",
                graph.kernels.size(), static_cast<long long>(batch), cost.flops, cost.bytes);
  std::string out = head;
  for (const GeneratedKernel& k : graph.kernels)
    if (k.kind == KernelPlan::tiles) out += sizes(k, batch);
  return out;
}

}  // namespace odeon::cuda
