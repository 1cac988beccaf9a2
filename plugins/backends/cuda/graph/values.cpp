#include "graph/values.hpp"

#include <odeon/sdk/graph_ops.hpp>

namespace odeon::cuda {
namespace {

constexpr int64_t kLongSum = 64;    // terms that one thread still adds up alone
constexpr int kMaxLeaves = 8;       // of a view that is read in place
constexpr int64_t kManyReads = 32;  // of one element: its view is then worth its own memory

}  // namespace

Count summed(const GraphValues& values, int i) {
  const odeon_node& node = values.at(i).node;
  const odeon_node& x = values.at(node.inputs[0]).node;
  if (is_product(node)) return values.product(i).k;
  Count c;  // SUM
  for (int32_t k = 0; k < x.rank; ++k) {
    if (!(node.ints[0] >> k & 1)) continue;
    if (x.shape[k] == ODEON_BATCH)
      c.batch = true;
    else
      c.inner *= x.shape[k];
  }
  return c;
}

Product GraphValues::product(int i) const {
  const odeon_node& node = at(i).node;
  return product_of(node, at(node.inputs[0]).node, at(node.inputs[1]).node);
}

GraphValues::GraphValues(const odeon_graph& graph, int32_t dtype, const ProductSettings& settings)
    : dtype_(dtype), settings_(settings), outputs_(graph.outputs, graph.outputs + graph.n_outputs) {
  for (int64_t i = 0; i < graph.n_nodes; ++i) {
    GraphValue v;
    v.node = graph.nodes[i];
    v.count = count_of(v.node);
    v.root = static_cast<int>(i);
    values_.push_back(v);
    classify(static_cast<int>(i));
  }
  for (int o : outputs_) values_[size_t(o)].needed = true;
  for (size_t i = values_.size(); i-- > 0;)
    for (int32_t k = 0; values_[i].needed && k < values_[i].node.n_inputs; ++k)
      values_[size_t(values_[i].node.inputs[k])].needed = true;
  mark_written();
}

void GraphValues::become_view_of_one(int i, bool same_elements, int64_t offset) {
  GraphValue& v = values_[size_t(i)];
  const int x = v.node.inputs[0];
  v.role = Role::view;
  if (root_of(x).role == Role::constant) {
    v.role = Role::constant;
    v.number = root_of(x).number;
  } else if (same_elements) {
    v.role = Role::alias;
    v.root = at(x).root;
    v.offset = at(x).offset + offset;
  }
}

void GraphValues::classify(int i) {
  GraphValue& v = values_[size_t(i)];
  const odeon_node& node = v.node;
  const auto in = [&](int k) -> const GraphValue& { return at(node.inputs[k]); };
  switch (node.op) {
    case ODEON_OP_INPUT:
    case ODEON_OP_PARAMETER:
    case ODEON_OP_TIME:
      v.role = Role::source;
      return;
    case ODEON_OP_CONSTANT:
      v.role = Role::constant;
      v.number = node.reals[0];
      return;
    case ODEON_OP_RESHAPE:
    case ODEON_OP_BROADCAST:
      return become_view_of_one(i, v.count == in(0).count, 0);
    case ODEON_OP_TRANSPOSE:
      return become_view_of_one(i, moves_nothing(node, in(0).node), 0);
    case ODEON_OP_SLICE: {
      const Count outer = count_of(in(0).node, 0, node.ints[0]);
      const int64_t inner = count_of(in(0).node, node.ints[0] + 1, node.rank).inner;
      return become_view_of_one(i, v.count == in(0).count || outer.is_one(), node.ints[1] * inner);
    }
    case ODEON_OP_PAD:
    case ODEON_OP_CONCAT:
      v.role = Role::view;
      return;
    case ODEON_OP_SUM:
      if (v.count == in(0).count) return become_view_of_one(i, true, 0);
      v.role = is_long_sum(i) ? Role::block : Role::item;
      return;
    case ODEON_OP_MATMUL:
    case ODEON_OP_CONV2D:
    case ODEON_OP_CONV2D_INPUT_GRAD:
    case ODEON_OP_CONV2D_WEIGHT_GRAD:
      return choose_way(i);
    case ODEON_OP_GROUP_NORM:
    case ODEON_OP_GROUP_NORM_GRAD:
    case ODEON_OP_LOG_SOFTMAX:
      v.role = Role::block;
      return;
    default:
      v.role = Role::item;
  }
}

bool GraphValues::is_long_sum(int i) const {
  const Count terms = summed(*this, i);
  if (settings_.whole_threads > 0)
    return is_shared(at(i).count.of(*settings_.batch), terms.of(*settings_.batch), settings_.whole_threads);
  const bool adds_much = at(i).node.op == ODEON_OP_SUM || at(i).node.op == ODEON_OP_CONV2D_WEIGHT_GRAD;
  return terms.batch || (adds_much && terms.inner > kLongSum);
}

void GraphValues::choose_way(int i) {
  GraphValue& v = values_[size_t(i)];
  if (settings_.whole_threads > 0) {
    const bool can_share = v.node.op == ODEON_OP_MATMUL || v.node.op == ODEON_OP_CONV2D_WEIGHT_GRAD;
    v.way.shared = can_share && is_long_sum(i);
    v.role = v.way.shared ? Role::product : Role::item;
    return;
  }
  const auto has_memory = [&](int u) {
    return root_of(u).role != Role::constant && root_of(u).node.op != ODEON_OP_TIME;
  };
  if (has_memory(v.node.inputs[0]) && has_memory(v.node.inputs[1]))
    v.way = choose(product(i), dtype_, settings_);
  v.role = v.way.tile ? Role::product : is_long_sum(i) ? Role::block : Role::item;
}

// Views are read in place by ops that read each element a few times; for others they are written to memory.
void GraphValues::mark_written() {
  for (GraphValue& v : values_) {
    const auto input_leaves = [&](int k) {
      return is_folded(v.node.inputs[k]) ? root_of(v.node.inputs[k]).leaves : 1;
    };
    if (v.role == Role::view) {
      v.leaves = 0;
      for (int32_t k = 0; k < v.node.n_inputs; ++k) v.leaves += input_leaves(k);
      v.written = v.leaves > kMaxLeaves;
    }
    if (!v.needed || (v.role != Role::item && v.role != Role::block && v.role != Role::product)) continue;
    const bool few =
        is_elementwise(v.node.op) || v.node.op == ODEON_OP_SUM ||
        (v.node.op == ODEON_OP_MATMUL && v.node.shape[1] <= kManyReads && !summed(*this, v.root).batch);
    for (int32_t k = 0; !few && k < v.node.n_inputs; ++k) {
      GraphValue& root = values_[size_t(at(v.node.inputs[k]).root)];
      if (root.role == Role::view) root.written = true;
    }
  }
}

}  // namespace odeon::cuda
