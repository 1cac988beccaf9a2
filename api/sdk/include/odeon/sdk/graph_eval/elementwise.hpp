// The elementwise ops of graph.h, one element at a time: their definition.
#pragma once
#include <odeon/graph.h>

#include <cmath>
#include <cstdint>

namespace odeon::eval {

template <class T>
T power(T x, int64_t exponent) {
  const uint64_t n = static_cast<uint64_t>(exponent < 0 ? -exponent : exponent);
  T result = 1, square = x;
  for (uint64_t bits = n; bits != 0; bits >>= 1, square *= square)
    if (bits & 1) result *= square;
  return exponent < 0 ? 1 / result : result;
}

template <class T>
T unary(const odeon_node& node, T x) {
  switch (node.op) {
    case ODEON_OP_NEG:
      return -x;
    case ODEON_OP_EXP:
      return std::exp(x);
    case ODEON_OP_LOG:
      return std::log(x);
    case ODEON_OP_SIN:
      return std::sin(x);
    case ODEON_OP_COS:
      return std::cos(x);
    case ODEON_OP_TAN:
      return std::tan(x);
    case ODEON_OP_TANH:
      return std::tanh(x);
    case ODEON_OP_SIGMOID:
      return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
    case ODEON_OP_RELU:
      return x < 0 ? T(0) : x;  // NaN stays NaN
    case ODEON_OP_SOFTPLUS:
      return (x > 0 ? x : T(0)) + std::log1p(std::exp(-std::abs(x)));
    case ODEON_OP_ERF:
      return std::erf(x);
    case ODEON_OP_SQRT:
      return std::sqrt(x);
    case ODEON_OP_ABS:
      return std::abs(x);
    case ODEON_OP_SIGN:
      return x > 0 ? T(1) : x < 0 ? T(-1) : x * 0;
    case ODEON_OP_HEAVISIDE:
      return x > 0 ? T(1) : T(0);
    case ODEON_OP_POWI:
      return power(x, node.ints[0]);
    default:
      return 1 / x;  // RECIPROCAL
  }
}

template <class T>
T binary(const odeon_node& node, T a, T b) {
  switch (node.op) {
    case ODEON_OP_ADD:
      return a + b;
    case ODEON_OP_SUB:
      return a - b;
    case ODEON_OP_MUL:
      return a * b;
    case ODEON_OP_DIV:
      return a / b;
    case ODEON_OP_POW:
      return std::pow(a, b);
    case ODEON_OP_MAXIMUM:
      return a > b || a != a ? a : b;  // NaN of either operand stays
    case ODEON_OP_MINIMUM:
      return a < b || a != a ? a : b;
    default:
      return a > b ? T(1) : T(0);  // GREATER
  }
}

}  // namespace odeon::eval
