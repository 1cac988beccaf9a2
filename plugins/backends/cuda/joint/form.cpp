#include "joint/work.hpp"

#include "graph/values.hpp"

namespace odeon::cuda {
namespace {

// Of one element.
int64_t terms(const GraphValues& values, int i, int64_t batch) {
  const odeon_node& node = values.at(i).node;
  return node.op == ODEON_OP_SUM || is_product(node) ? summed(values, i).of(batch) : 1;
}

}  // namespace

int64_t field_work(const odeon_graph& graph, int64_t batch) {
  const GraphValues values(graph, ODEON_F64, {});  // a number of terms has no dtype
  int64_t work = 0;
  for (int i = 0; i < values.size(); ++i) {
    const GraphValue& v = values.at(i);
    const bool computed = v.needed && (v.role == Role::item || v.role == Role::block);
    if (computed) work += v.count.of(batch) * terms(values, i, batch);
  }
  return work;
}

}  // namespace odeon::cuda
