#include <cmath>
#include <numbers>

#include "autodiff/rules.hpp"

namespace odeon::host {

Value unary_rule(const RuleArgs& args) {
  auto& [b, node, in, y, g] = args;
  const Value x = in[0];
  const auto one = [&b = b, x] { return b.constant(1, b.shape(x)); };
  switch (node.op) {
    case ODEON_OP_NEG:
      return b.neg(g);
    case ODEON_OP_EXP:
      return b.mul(g, y);
    case ODEON_OP_LOG:
      return b.div(g, x);
    case ODEON_OP_SIN:
      return b.mul(g, b.cos(x));
    case ODEON_OP_COS:
      return b.neg(b.mul(g, b.sin(x)));
    case ODEON_OP_TAN:
      return b.mul(g, b.add(one(), b.mul(y, y)));
    case ODEON_OP_TANH:
      return b.mul(g, b.sub(one(), b.mul(y, y)));
    case ODEON_OP_SIGMOID:
      return b.mul(g, b.mul(y, b.sub(one(), y)));
    case ODEON_OP_RELU:
      return b.mul(g, b.heaviside(y));
    case ODEON_OP_SOFTPLUS:
      return b.mul(g, b.sigmoid(x));
    case ODEON_OP_ERF:
      return b.mul(g, b.scale(b.exp(b.neg(b.mul(x, x))), 2 / std::sqrt(std::numbers::pi)));
    case ODEON_OP_SQRT:
      return b.div(g, b.scale(y, 2));
    case ODEON_OP_ABS:
      return b.mul(g, b.sign(x));
    case ODEON_OP_SIGN:
    case ODEON_OP_HEAVISIDE:
      return {};
    case ODEON_OP_POWI:
      return b.mul(g, b.scale(b.powi(x, node.ints[0] - 1), static_cast<double>(node.ints[0])));
    default:
      return b.neg(b.mul(g, b.mul(y, y)));  // RECIPROCAL
  }
}

std::vector<Value> binary_rule(const RuleArgs& args) {
  auto& [b, node, in, y, g] = args;
  const Value x = in[0], w = in[1];
  switch (node.op) {
    case ODEON_OP_ADD:
      return {g, g};
    case ODEON_OP_SUB:
      return {g, b.neg(g)};
    case ODEON_OP_MUL:
      return {b.mul(g, w), b.mul(g, x)};
    case ODEON_OP_DIV:
      return {b.div(g, w), b.neg(b.mul(g, b.div(y, w)))};
    case ODEON_OP_POW:  // a constant exponent needs no log, which would be NaN for x < 0
      return {b.mul(g, b.mul(w, b.pow(x, b.sub(w, b.constant(1, b.shape(w)))))),
              b.is_constant(w) ? Value{} : b.mul(g, b.mul(y, b.log(x)))};
    case ODEON_OP_MAXIMUM:
    case ODEON_OP_MINIMUM: {  // the derivative of the operand that was taken; ties go to the second
      const Value first = node.op == ODEON_OP_MAXIMUM ? b.greater(x, w) : b.greater(w, x);
      const Value zero = b.constant(0, b.shape(g));
      return {b.select(first, g, zero), b.select(first, zero, g)};
    }
    default:
      return {Value{}, Value{}};  // GREATER
  }
}

}  // namespace odeon::host
