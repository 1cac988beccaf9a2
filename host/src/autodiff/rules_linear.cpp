#include "autodiff/rules.hpp"

namespace odeon::host {

namespace {
// Z = op(A) op(B): the four cases of transposition, all again as MATMULs without a transposed result.
std::vector<Value> matmul_rule(GraphBuilder& b, const odeon_node& node, Value x, Value w, Value g) {
  const bool ta = node.ints[0] != 0, tb = node.ints[1] != 0;
  const Value gx = ta ? b.matmul(w, g, tb, true) : b.matmul(g, w, false, !tb);
  const Value gw = tb ? b.matmul(g, x, true, ta) : b.matmul(x, g, !ta, false);
  return {gx, gw};
}
}  // namespace

// The three convolutions are each other's derivatives: with <conv(x, w), g> trilinear,
// CONV2D gives the g-slot, CONV2D_INPUT_GRAD the x-slot and CONV2D_WEIGHT_GRAD the w-slot.
std::vector<Value> linear_rule(const RuleArgs& args) {
  auto& [b, node, in, y, g] = args;
  if (node.op == ODEON_OP_MATMUL) return matmul_rule(b, node, in[0], in[1], g);
  const GraphBuilder::Conv c{node.ints[0], node.ints[1], node.ints[2], node.ints[3]};
  if (node.op == ODEON_OP_CONV2D) {
    const Shape x = b.shape(in[0]), w = b.shape(in[1]);
    return {b.conv2d_input_grad(g, in[1], c, x[2], x[3]), b.conv2d_weight_grad(in[0], g, c, w[2], w[3])};
  }
  if (node.op == ODEON_OP_CONV2D_INPUT_GRAD) {  // g is an image here, in[0] a gradient
    const Shape w = b.shape(in[1]);
    return {b.conv2d(g, in[1], c), b.conv2d_weight_grad(g, in[0], c, w[2], w[3])};
  }
  const Shape x = b.shape(in[0]);  // CONV2D_WEIGHT_GRAD: g is a weight here
  return {b.conv2d_input_grad(in[1], g, c, x[2], x[3]), b.conv2d(in[0], g, c)};
}

}  // namespace odeon::host
