// The table of op codes: PyTorch's names, arity and family. The only list of ops in the SDK.
#pragma once
#include <odeon/graph.h>

#include <array>
#include <string_view>

namespace odeon {

enum class OpFamily { source, unary, binary, select, structure, linear, normalise };

struct OpInfo {
  int32_t op;
  std::string_view name;
  int32_t arity;
  OpFamily family;
};

inline constexpr std::array kOps{
    OpInfo{ODEON_OP_INPUT, "input", 0, OpFamily::source},
    OpInfo{ODEON_OP_TIME, "time", 0, OpFamily::source},
    OpInfo{ODEON_OP_CONSTANT, "constant", 0, OpFamily::source},
    OpInfo{ODEON_OP_PARAMETER, "parameter", 0, OpFamily::source},
    OpInfo{ODEON_OP_NEG, "neg", 1, OpFamily::unary},
    OpInfo{ODEON_OP_EXP, "exp", 1, OpFamily::unary},
    OpInfo{ODEON_OP_LOG, "log", 1, OpFamily::unary},
    OpInfo{ODEON_OP_SIN, "sin", 1, OpFamily::unary},
    OpInfo{ODEON_OP_COS, "cos", 1, OpFamily::unary},
    OpInfo{ODEON_OP_TAN, "tan", 1, OpFamily::unary},
    OpInfo{ODEON_OP_TANH, "tanh", 1, OpFamily::unary},
    OpInfo{ODEON_OP_SIGMOID, "sigmoid", 1, OpFamily::unary},
    OpInfo{ODEON_OP_RELU, "relu", 1, OpFamily::unary},
    OpInfo{ODEON_OP_SOFTPLUS, "softplus", 1, OpFamily::unary},
    OpInfo{ODEON_OP_ERF, "erf", 1, OpFamily::unary},
    OpInfo{ODEON_OP_SQRT, "sqrt", 1, OpFamily::unary},
    OpInfo{ODEON_OP_ABS, "abs", 1, OpFamily::unary},
    OpInfo{ODEON_OP_SIGN, "sign", 1, OpFamily::unary},
    OpInfo{ODEON_OP_HEAVISIDE, "heaviside", 1, OpFamily::unary},
    OpInfo{ODEON_OP_POWI, "powi", 1, OpFamily::unary},
    OpInfo{ODEON_OP_RECIPROCAL, "reciprocal", 1, OpFamily::unary},
    OpInfo{ODEON_OP_ADD, "add", 2, OpFamily::binary},
    OpInfo{ODEON_OP_SUB, "sub", 2, OpFamily::binary},
    OpInfo{ODEON_OP_MUL, "mul", 2, OpFamily::binary},
    OpInfo{ODEON_OP_DIV, "div", 2, OpFamily::binary},
    OpInfo{ODEON_OP_POW, "pow", 2, OpFamily::binary},
    OpInfo{ODEON_OP_MAXIMUM, "maximum", 2, OpFamily::binary},
    OpInfo{ODEON_OP_MINIMUM, "minimum", 2, OpFamily::binary},
    OpInfo{ODEON_OP_GREATER, "gt", 2, OpFamily::binary},
    OpInfo{ODEON_OP_SELECT, "where", 3, OpFamily::select},
    OpInfo{ODEON_OP_RESHAPE, "reshape", 1, OpFamily::structure},
    OpInfo{ODEON_OP_BROADCAST, "expand", 1, OpFamily::structure},
    OpInfo{ODEON_OP_SUM, "sum", 1, OpFamily::structure},
    OpInfo{ODEON_OP_CONCAT, "cat", 2, OpFamily::structure},
    OpInfo{ODEON_OP_SLICE, "slice", 1, OpFamily::structure},
    OpInfo{ODEON_OP_PAD, "pad", 1, OpFamily::structure},
    OpInfo{ODEON_OP_TRANSPOSE, "permute", 1, OpFamily::structure},
    OpInfo{ODEON_OP_MATMUL, "matmul", 2, OpFamily::linear},
    OpInfo{ODEON_OP_CONV2D, "conv2d", 2, OpFamily::linear},
    OpInfo{ODEON_OP_CONV2D_INPUT_GRAD, "conv2d_input", 2, OpFamily::linear},
    OpInfo{ODEON_OP_CONV2D_WEIGHT_GRAD, "conv2d_weight", 2, OpFamily::linear},
    OpInfo{ODEON_OP_GROUP_NORM, "group_norm", 1, OpFamily::normalise},
    OpInfo{ODEON_OP_GROUP_NORM_GRAD, "group_norm_backward", 2, OpFamily::normalise},
    OpInfo{ODEON_OP_LOG_SOFTMAX, "log_softmax", 1, OpFamily::normalise},
};

// NULL for a code that is not in the table.
constexpr const OpInfo* find_op(int32_t op) {
  for (const OpInfo& info : kOps)
    if (info.op == op) return &info;
  return nullptr;
}

// Whether an element of the result comes from the elements at its place. op: of the table.
constexpr bool is_elementwise(int32_t op) {
  const OpFamily family = find_op(op)->family;
  return family == OpFamily::unary || family == OpFamily::binary || family == OpFamily::select;
}

// Whether a TRANSPOSE of x, a node or a tensor, leaves the order of all axes longer than one, and so moves no
// element.
template <class Shaped>
bool moves_nothing(const odeon_node& transpose, const Shaped& x) {
  int64_t last = -1;
  for (int32_t i = 0; i < x.rank; ++i) {
    if (x.shape[transpose.ints[i]] == 1) continue;
    if (transpose.ints[i] < last) return false;
    last = transpose.ints[i];
  }
  return true;
}

}  // namespace odeon
