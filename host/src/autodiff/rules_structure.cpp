#include "autodiff/rules.hpp"

namespace odeon::host {

std::vector<Value> structure_rule(const RuleArgs& args) {
  auto& [b, node, in, y, g] = args;
  const Shape x = b.shape(in[0]);
  const int64_t axis = node.ints[0];
  switch (node.op) {
    case ODEON_OP_RESHAPE:
      return {b.reshape(g, x)};
    case ODEON_OP_BROADCAST:
      return {sum_to(b, g, x)};
    case ODEON_OP_SUM:
      return {b.broadcast_to(g, x)};
    case ODEON_OP_CONCAT: {
      const int64_t first = x[size_t(axis)], all = b.shape(y)[size_t(axis)];
      return {b.slice(g, axis, 0, first), b.slice(g, axis, first, all)};
    }
    case ODEON_OP_SLICE:
      return {b.pad(g, axis, node.ints[1], x[size_t(axis)] - node.ints[2])};
    case ODEON_OP_PAD:
      return {b.slice(g, axis, node.ints[1], node.ints[1] + x[size_t(axis)])};
    default: {  // TRANSPOSE by the inverse permutation
      std::vector<int64_t> inverse(x.size());
      for (size_t i = 0; i < x.size(); ++i) inverse[size_t(node.ints[i])] = static_cast<int64_t>(i);
      return {b.transpose(g, inverse)};
    }
  }
}

}  // namespace odeon::host
