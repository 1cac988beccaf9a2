#include "graph/generate.hpp"

#include <algorithm>
#include <odeon/sdk/error.hpp>

#include "graph/prelude.hpp"

namespace odeon::cuda {

GeneratedGraph generate(const odeon_graph& graph, int32_t dtype) {
  if (dtype != ODEON_F32 && dtype != ODEON_F64)
    throw Error("graphs are compiled for f32 and f64; got dtype code " + std::to_string(dtype));
  const GraphValues values(graph);
  const Schedule schedule = make_schedule(values);
  GeneratedGraph out;
  out.n_outputs = graph.n_outputs;
  for (int i = 0; i < values.size(); ++i) {
    const GraphValue& v = values.at(i);
    if (v.needed && v.node.op == ODEON_OP_INPUT) out.n_inputs = std::max(out.n_inputs, v.node.ints[0] + 1);
    if (v.needed && v.node.op == ODEON_OP_PARAMETER)
      out.theta_end = std::max(out.theta_end, v.node.ints[0] + v.count.inner);
    if (schedule.stored[size_t(i)])
      out.arena.push_back({i, v.count, schedule.kernel_of[size_t(i)], schedule.kernel_of[size_t(i)]});
  }
  out.source = std::string("typedef ") + (dtype == ODEON_F32 ? "float" : "double") + " T;\n" + kPrelude;
  for (size_t k = 0; k < schedule.kernels.size(); ++k) {
    const KernelPlan& plan = schedule.kernels[k];
    KernelWriter writer(values, schedule, static_cast<int>(k));
    GeneratedKernel kernel{"odeon_kernel_" + std::to_string(k), plan.block, plan.count, {}, {}, {}};
    out.source += writer.write(kernel.name);
    kernel.pointers = writer.pointers();
    for (ArenaValue& a : out.arena) {
      if (a.first == static_cast<int>(k)) kernel.writes.push_back(a.value);
      if (!plan.reads.contains(a.value)) continue;
      kernel.reads.push_back(a.value);
      a.last = static_cast<int>(k);
    }
    out.kernels.push_back(std::move(kernel));
  }
  return out;
}

}  // namespace odeon::cuda
