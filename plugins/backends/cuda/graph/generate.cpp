#include "graph/generate.hpp"

#include <algorithm>
#include <odeon/sdk/error.hpp>

#include "graph/prelude.hpp"
#include "graph/products/operands_text.hpp"
#include "graph/products/tensor_text.hpp"
#include "graph/products/tile_text.hpp"
#include "launch.hpp"

namespace odeon::cuda {
namespace {

// Positions of operands beyond are 64 bits; half of what 32 have, since tiles reach over the edges.
constexpr int64_t kShortPositions = int64_t{1} << 30;

std::string product_text(const GraphValues& values, const Schedule& schedule) {
  bool any = false, convolutions = false, longer = false;
  for (const KernelPlan& plan : schedule.kernels) {
    if (plan.kind != KernelPlan::tiles) continue;
    const odeon_node& node = values.at(plan.product).node;
    any = true;
    convolutions |= node.op != ODEON_OP_MATMUL;
    const int64_t batch = values.settings().batch.value_or(0);
    for (int u : {plan.product, node.inputs[0], node.inputs[1]})
      longer |= values.at(u).count.of(batch) > kShortPositions;
  }
  if (!any) return "";
  return std::string(longer ? "typedef long long pos;\ntypedef unsigned long long unsigned_pos;\n"
                            : "typedef int pos;\ntypedef unsigned unsigned_pos;\n") +
         kOperandsText + (convolutions ? kConvolutionsText : "") + kTileText +
         (values.settings().precision != Precision::full ? kTensorText : "");
}

// With room for what a solve makes of its sizes.
bool has_short_positions(const GraphValues& values) {
  if (values.settings().whole_threads == 0) return false;
  for (int i = 0; i < values.size(); ++i)
    if (values.at(i).count.of(*values.settings().batch) > kShortPositions / 8) return false;
  return true;
}

// Memory that is written, and the first and last kernel that needs it.
std::vector<ArenaValue> arena_values(const GraphValues& values, const Schedule& schedule) {
  std::vector<ArenaValue> out;
  for (size_t slot = 0; slot < schedule.stored.size(); ++slot) {
    if (!schedule.stored[slot]) continue;
    const bool slices = slot >= size_t(values.size());
    const GraphValue& v = values.at(static_cast<int>(slices ? slot - size_t(values.size()) : slot));
    const int kernel = schedule.kernel_of[slot];
    out.push_back({static_cast<int>(slot), slices ? v.count * v.way.slices : v.count, kernel, kernel});
  }
  return out;
}

}  // namespace

int GeneratedKernel::threads() const { return kind == KernelPlan::tiles ? way.tile->threads : kThreads; }

unsigned GeneratedKernel::blocks(int64_t batch) const {
  if (kind == KernelPlan::items) return item_blocks(count.of(batch));
  return row_blocks(kind == KernelPlan::tiles ? tile_count(product, way, batch) : count.of(batch));
}

GeneratedGraph generate(const odeon_graph& graph, int32_t dtype, const ProductSettings& products) {
  if (dtype != ODEON_F32 && dtype != ODEON_F64)
    throw Error("graphs are compiled for f32 and f64; got dtype code " + std::to_string(dtype));
  require_dtype(products.precision, dtype);
  const GraphValues values(graph, dtype, products);
  const Schedule schedule = make_schedule(values);
  GeneratedGraph out;
  out.n_outputs = graph.n_outputs;
  for (int i = 0; i < values.size(); ++i) {
    const GraphValue& v = values.at(i);
    if (v.needed && v.node.op == ODEON_OP_INPUT) out.n_inputs = std::max(out.n_inputs, v.node.ints[0] + 1);
    if (v.needed && v.node.op == ODEON_OP_PARAMETER)
      out.theta_end = std::max(out.theta_end, v.node.ints[0] + v.count.inner);
  }
  out.arena = arena_values(values, schedule);
  out.source = std::string(has_short_positions(values) ? "#define ODEON_SHORT_POSITIONS\n" : "") +
               "typedef " + (dtype == ODEON_F32 ? "float" : "double") + " T;\n" + kPrelude +
               product_text(values, schedule);
  for (size_t k = 0; k < schedule.kernels.size(); ++k) {
    const KernelPlan& plan = schedule.kernels[k];
    KernelWriter writer(values, schedule, static_cast<int>(k));
    GeneratedKernel kernel{
        "odeon_kernel_" + std::to_string(k), plan.kind, plan.count, {}, {}, {}, {}, {}, {}};
    kernel.work = work_of(values, schedule, plan);
    if (plan.kind == KernelPlan::tiles) {
      kernel.product = values.product(plan.product);
      kernel.way = values.at(plan.product).way;
    }
    out.source += writer.write(kernel.name);
    kernel.pointers = writer.pointers();
    for (ArenaValue& a : out.arena) {
      if (a.first == static_cast<int>(k)) kernel.writes.push_back(a.slot);
      if (!plan.reads.contains(a.slot)) continue;
      kernel.reads.push_back(a.slot);
      a.last = static_cast<int>(k);
    }
    out.kernels.push_back(std::move(kernel));
  }
  return out;
}

}  // namespace odeon::cuda
