#include "solve/row_wise.hpp"

#include <odeon/sdk/error.hpp>
#include <string>

namespace odeon::cuda {
namespace {

bool is_batch(const odeon_node& x) { return x.rank > 0 && x.shape[0] == ODEON_BATCH; }

// What the node does over the batch, or null.
const char* over_batch(const odeon_graph& graph, const odeon_node& node) {
  const auto in = [&](int k) -> const odeon_node& { return graph.nodes[node.inputs[k]]; };
  switch (node.op) {
    case ODEON_OP_SUM:
      return (node.ints[0] & 1) && is_batch(in(0)) ? " adds up" : nullptr;
    case ODEON_OP_MATMUL:
      return node.ints[0] != 0 && is_batch(in(0)) ? " multiplies" : nullptr;
    case ODEON_OP_CONV2D_WEIGHT_GRAD:
      return is_batch(in(0)) || is_batch(in(1)) ? " adds up" : nullptr;
    default:
      return nullptr;
  }
}

// Of a node of whose inputs so many are sums.
bool is_linear(const odeon_node& node, int sums, bool divides_by_sum) {
  switch (node.op) {
    case ODEON_OP_RESHAPE:
    case ODEON_OP_BROADCAST:
    case ODEON_OP_TRANSPOSE:
    case ODEON_OP_SLICE:
    case ODEON_OP_PAD:
    case ODEON_OP_CONCAT:
    case ODEON_OP_SUM:
    case ODEON_OP_ADD:
    case ODEON_OP_SUB:
    case ODEON_OP_NEG:
      return true;
    case ODEON_OP_MUL:
    case ODEON_OP_MATMUL:
      return sums == 1;
    case ODEON_OP_DIV:
      return !divides_by_sum;
    default:
      return false;
  }
}

}  // namespace

RowWise row_wise(const odeon_graph& graph, int64_t n_outputs, const char* what, bool adds_rows) {
  const auto n = static_cast<size_t>(graph.n_nodes);
  RowWise out{std::vector<char>(n, 0), std::vector<char>(n, 0)};
  for (int64_t k = 0; k < n_outputs; ++k) out.needed[size_t(graph.outputs[k])] = 1;
  for (size_t i = n; i-- > 0;)
    for (int32_t k = 0; out.needed[i] && k < graph.nodes[i].n_inputs; ++k)
      out.needed[size_t(graph.nodes[i].inputs[k])] = 1;
  for (size_t i = 0; i < n; ++i) {
    if (!out.needed[i]) continue;
    const odeon_node& node = graph.nodes[i];
    int sums = 0;
    const auto is_sum = [&](int32_t k) { return out.sums[size_t(node.inputs[k])] != 0; };
    for (int32_t k = 0; k < node.n_inputs; ++k) sums += is_sum(k);
    if (sums > 0 && !is_linear(node, sums, node.n_inputs > 1 && is_sum(1)))
      throw Error(std::string(what) + " is not linear in a sum over the batch", ODEON_E_UNSUPPORTED);
    const char* does = over_batch(graph, node);
    if (does && !adds_rows)
      throw Error(std::string(what) + does + " over the batch, so its rows depend on each other",
                  ODEON_E_UNSUPPORTED);
    out.sums[i] = sums > 0 || does;
  }
  return out;
}

RowWise row_wise_products(const odeon_graph& vjp) {
  RowWise out = row_wise(vjp, vjp.n_outputs, "the field's derivative", true);
  for (int64_t k = 0; k < 3; ++k)
    if (out.sums[size_t(vjp.outputs[k])])
      throw Error("output " + std::to_string(k) + " of the derivative graph adds up over the batch",
                  ODEON_E_INVALID);
  return out;
}

}  // namespace odeon::cuda
