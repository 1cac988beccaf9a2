#include "graph/kernels.hpp"

#include <algorithm>
#include <odeon/sdk/graph_eval/elementwise.hpp>

#include "graph/libmvec.hpp"
#include "graph/vector_math.hpp"

namespace odeon::cpu {
namespace {

#define ODEON_OF_VECTORS(name, function) \
  struct name {                          \
    template <class V>                   \
    static V of(V x) {                   \
      return function(x);                \
    }                                    \
  };
ODEON_OF_VECTORS(Cos, vector_cos)
ODEON_OF_VECTORS(Erf, vector_erf)
ODEON_OF_VECTORS(Log, vector_log)
ODEON_OF_VECTORS(Log1p, vector_log1p)
ODEON_OF_VECTORS(Sin, vector_sin)
ODEON_OF_VECTORS(Tan, vector_tan)
#undef ODEON_OF_VECTORS

// A type per op, so that each loop is compiled with its formula inside.
template <class T, class F>
void loop1(T* z, const T* a, const T*, const T*, int64_t n, int64_t) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) z[i] = F::of(a[i]);
}
template <class T, class F>
void loop2(T* z, const T* a, const T* b, const T*, int64_t n, int64_t) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) z[i] = F::of(a[i], b[i]);
}
// By whole vectors, the last elements filled up to one: a number does not depend on its place.
template <class T, class F>
void vectors1(T* z, const T* a, const T*, const T*, int64_t n, int64_t) {
  constexpr int L = kLanes<T>;
  int64_t i = 0;
  for (; i + L <= n; i += L)
    *reinterpret_cast<Vector<T>*>(z + i) = F::of(*reinterpret_cast<const Vector<T>*>(a + i));
  if (const int rest = static_cast<int>(n - i); rest > 0)
    store_part(z + i, F::of(load_part(a + i, rest)), rest);
}
// max(x, 0) + log1p(exp(-|x|))
template <class T>
void softplus_loop(T* z, const T* a, const T* b, const T* c, int64_t n, int64_t attribute) {
  constexpr int64_t kPiece = 256;
  T tail[kPiece];
  for (int64_t i = 0; i < n; i += kPiece, a += kPiece, z += kPiece) {
    const int64_t count = std::min(kPiece, n - i);
#pragma omp simd
    for (int64_t j = 0; j < count; ++j) tail[j] = vector_exp(-std::abs(a[j]));
    vectors1<T, Log1p>(tail, tail, b, c, count, attribute);
#pragma omp simd
    for (int64_t j = 0; j < count; ++j) z[j] = (a[j] > 0 ? a[j] : T(0)) + tail[j];
  }
}
template <class T>
void select_loop(T* z, const T* a, const T* b, const T* c, int64_t n, int64_t) {
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) z[i] = a[i] != 0 ? b[i] : c[i];
}
template <class T>
void power_loop(T* z, const T* a, const T*, const T*, int64_t n, int64_t exponent) {
  const auto run = [&](auto f) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) z[i] = f(a[i]);
  };
  switch (exponent) {
    case 2:
      return run([](T x) { return x * x; });
    case 3:
      return run([](T x) { return x * x * x; });
    case 4:
      return run([](T x) { return (x * x) * (x * x); });
    case -1:
      return run([](T x) { return 1 / x; });
    case -2:
      return run([](T x) { return 1 / (x * x); });
    default:
      for (int64_t i = 0; i < n; ++i) z[i] = eval::power(a[i], exponent);
  }
}
template <class T>
void copy_loop(T* z, const T* a, const T*, const T*, int64_t n, int64_t) {
  if (z != a) std::copy_n(a, n, z);
}

#define ODEON_UNARY(name, formula) \
  struct name {                    \
    template <class T>             \
    static T of(T x) {             \
      return formula;              \
    }                              \
  };
#define ODEON_BINARY(name, formula) \
  struct name {                     \
    template <class T>              \
    static T of(T x, T y) {         \
      return formula;               \
    }                               \
  };
ODEON_UNARY(Neg, -x)
ODEON_UNARY(Exp, vector_exp(x))
ODEON_UNARY(Tanh, vector_tanh(x))
ODEON_UNARY(Sigmoid, vector_sigmoid(x))
ODEON_UNARY(Relu, x < 0 ? T(0) : x)
ODEON_UNARY(Sqrt, std::sqrt(x))
ODEON_UNARY(Abs, std::abs(x))
ODEON_UNARY(Sign, x > 0 ? T(1) : x < 0 ? T(-1) : x * 0)
ODEON_UNARY(Heaviside, x > 0 ? T(1) : T(0))
ODEON_UNARY(Reciprocal, 1 / x)
ODEON_BINARY(Add, x + y)
ODEON_BINARY(Sub, x - y)
ODEON_BINARY(Mul, x* y)
ODEON_BINARY(Div, x / y)
ODEON_BINARY(Pow, std::pow(x, y))
ODEON_BINARY(Maximum, x > y || x != x ? x : y)
ODEON_BINARY(Minimum, x < y || x != x ? x : y)
ODEON_BINARY(Greater, x > y ? T(1) : T(0))
#undef ODEON_UNARY
#undef ODEON_BINARY

}  // namespace

template <class T>
Kernel<T> find_kernel(const odeon_node& node) {
  switch (node.op) {
    case ODEON_OP_NEG:
      return loop1<T, Neg>;
    case ODEON_OP_EXP:
      return loop1<T, Exp>;
    case ODEON_OP_LOG:
      return vectors1<T, Log>;
    case ODEON_OP_SIN:
      return vectors1<T, Sin>;
    case ODEON_OP_COS:
      return vectors1<T, Cos>;
    case ODEON_OP_TAN:
      return vectors1<T, Tan>;
    case ODEON_OP_TANH:
      return loop1<T, Tanh>;
    case ODEON_OP_SIGMOID:
      return loop1<T, Sigmoid>;
    case ODEON_OP_RELU:
      return loop1<T, Relu>;
    case ODEON_OP_SOFTPLUS:
      return softplus_loop<T>;
    case ODEON_OP_ERF:
      return vectors1<T, Erf>;
    case ODEON_OP_SQRT:
      return loop1<T, Sqrt>;
    case ODEON_OP_ABS:
      return loop1<T, Abs>;
    case ODEON_OP_SIGN:
      return loop1<T, Sign>;
    case ODEON_OP_HEAVISIDE:
      return loop1<T, Heaviside>;
    case ODEON_OP_POWI:
      return power_loop<T>;
    case ODEON_OP_RECIPROCAL:
      return loop1<T, Reciprocal>;
    case ODEON_OP_ADD:
      return loop2<T, Add>;
    case ODEON_OP_SUB:
      return loop2<T, Sub>;
    case ODEON_OP_MUL:
      return loop2<T, Mul>;
    case ODEON_OP_DIV:
      return loop2<T, Div>;
    case ODEON_OP_POW:
      return loop2<T, Pow>;
    case ODEON_OP_MAXIMUM:
      return loop2<T, Maximum>;
    case ODEON_OP_MINIMUM:
      return loop2<T, Minimum>;
    case ODEON_OP_GREATER:
      return loop2<T, Greater>;
    case ODEON_OP_SELECT:
      return select_loop<T>;
    default:
      return copy_loop<T>;  // a materialised view
  }
}

template Kernel<float> find_kernel<float>(const odeon_node&);
template Kernel<double> find_kernel<double>(const odeon_node&);

}  // namespace odeon::cpu
