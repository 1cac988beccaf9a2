#include "joint/work.hpp"

#include "graph/values.hpp"

namespace odeon::cuda {
namespace {

// Of one element.
int64_t terms(const GraphValues& values, int i, int64_t batch) {
  const odeon_node& node = values.at(i).node;
  switch (node.op) {
    case ODEON_OP_SUM:
    case ODEON_OP_MATMUL:
    case ODEON_OP_CONV2D_WEIGHT_GRAD:
      return summed(values, i).of(batch);
    case ODEON_OP_CONV2D:  // of a filter
      return count_of(values.at(node.inputs[1]).node).inner / node.shape[1];
    case ODEON_OP_CONV2D_INPUT_GRAD:  // likewise, and g has as many channels as there are filters
      return count_of(values.at(node.inputs[1]).node).inner / node.shape[1];
    default:
      return 1;
  }
}

}  // namespace

int64_t field_work(const odeon_graph& graph, int64_t batch) {
  const GraphValues values(graph);
  int64_t work = 0;
  for (int i = 0; i < values.size(); ++i) {
    const GraphValue& v = values.at(i);
    const bool computed = v.needed && (v.role == Role::item || v.role == Role::block);
    if (computed) work += v.count.of(batch) * terms(values, i, batch);
  }
  return work;
}

}  // namespace odeon::cuda
