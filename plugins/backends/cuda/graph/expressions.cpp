#include "graph/expressions.hpp"

#include <bit>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <odeon/sdk/error.hpp>

namespace odeon::cuda {

std::string literal(double value) {
  char out[64];
  if (std::isfinite(value))
    std::snprintf(out, sizeof out, "T(%a)", value);
  else
    std::snprintf(out, sizeof out, "from_bits(0x%" PRIx64 "ull)", std::bit_cast<uint64_t>(value));
  return out;
}

std::string expression(const odeon_node& node, const std::string& a, const std::string& b,
                       const std::string& c) {
  const auto call = [&](const char* function) {
    return std::string(function) + "(" + a + (b.empty() ? "" : ", " + b) + (c.empty() ? "" : ", " + c) + ")";
  };
  switch (node.op) {
    case ODEON_OP_NEG:
      return "-" + a;
    case ODEON_OP_EXP:
      return call("exp");
    case ODEON_OP_LOG:
      return call("log");
    case ODEON_OP_SIN:
      return call("sin");
    case ODEON_OP_COS:
      return call("cos");
    case ODEON_OP_TAN:
      return call("tan");
    case ODEON_OP_TANH:
      return call("tanh");
    case ODEON_OP_SIGMOID:
      return call("op_sigmoid");
    case ODEON_OP_RELU:
      return call("op_relu");
    case ODEON_OP_SOFTPLUS:
      return call("op_softplus");
    case ODEON_OP_ERF:
      return call("erf");
    case ODEON_OP_SQRT:
      return call("sqrt");
    case ODEON_OP_ABS:
      return call("fabs");
    case ODEON_OP_SIGN:
      return call("op_sign");
    case ODEON_OP_HEAVISIDE:
      return call("op_heaviside");
    case ODEON_OP_POWI:
      return "op_powi(" + a + ", " + std::to_string(node.ints[0]) + ")";
    case ODEON_OP_RECIPROCAL:
      return "T(1) / " + a;
    case ODEON_OP_ADD:
      return a + " + " + b;
    case ODEON_OP_SUB:
      return a + " - " + b;
    case ODEON_OP_MUL:
      return a + " * " + b;
    case ODEON_OP_DIV:
      return a + " / " + b;
    case ODEON_OP_POW:
      return call("pow");
    case ODEON_OP_MAXIMUM:
      return call("op_maximum");
    case ODEON_OP_MINIMUM:
      return call("op_minimum");
    case ODEON_OP_GREATER:
      return call("op_greater");
    case ODEON_OP_SELECT:
      return call("op_select");
    default:
      throw Error("op " + std::to_string(node.op) + " is not elementwise", ODEON_E_UNSUPPORTED);
  }
}

}  // namespace odeon::cuda
