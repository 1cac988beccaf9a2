#include "rk/combine.hpp"

#include <algorithm>

namespace odeon::cpu {
namespace {

constexpr int kUnrolled = 8;  // terms in one pass over z
constexpr int64_t kBlock = 512;

// simd: z may be an operand, but only element by element, so no iteration depends on another.
template <int N, class T>
void pass(T* z, const T* base, const T* c_in, const T* const* x_in, int64_t size) {
  T c[N + 1];
  const T* x[N + 1];
  for (int k = 0; k < N; ++k) c[k] = c_in[k], x[k] = x_in[k];
  if (base) {
#pragma omp simd
    for (int64_t i = 0; i < size; ++i) {
      T sum = base[i];
      for (int k = 0; k < N; ++k) sum += c[k] * x[k][i];
      z[i] = sum;
    }
  } else {
#pragma omp simd
    for (int64_t i = 0; i < size; ++i) {
      T sum = 0;
      for (int k = 0; k < N; ++k) sum += c[k] * x[k][i];
      z[i] = sum;
    }
  }
}

template <class T>
void short_combine(T* z, const T* base, int n, const T* c, const T* const* x, int64_t size) {
  switch (n) {
    case 0:
      return pass<0>(z, base, c, x, size);
    case 1:
      return pass<1>(z, base, c, x, size);
    case 2:
      return pass<2>(z, base, c, x, size);
    case 3:
      return pass<3>(z, base, c, x, size);
    case 4:
      return pass<4>(z, base, c, x, size);
    case 5:
      return pass<5>(z, base, c, x, size);
    case 6:
      return pass<6>(z, base, c, x, size);
    case 7:
      return pass<7>(z, base, c, x, size);
    default:
      return pass<8>(z, base, c, x, size);
  }
}

}  // namespace

template <class T>
void combine(T* z, const T* base, int n_terms, const T* c, const T* const* x, int64_t size) {
  if (n_terms <= kUnrolled) return short_combine(z, base, n_terms, c, x, size);
  // Through a block of its own, because z may be a term of a later pass.
  T block[kBlock];
  for (int64_t first = 0; first < size; first += kBlock) {
    const int64_t n = std::min(kBlock, size - first);
    for (int k = 0; k < n_terms; k += kUnrolled) {
      const T* part[kUnrolled];
      const int terms = std::min(kUnrolled, n_terms - k);
      for (int i = 0; i < terms; ++i) part[i] = x[k + i] + first;
      short_combine(block, k > 0 ? block : base ? base + first : nullptr, terms, c + k, part, n);
    }
    std::copy_n(block, n, z + first);
  }
}

template void combine<float>(float*, const float*, int, const float*, const float* const*, int64_t);
template void combine<double>(double*, const double*, int, const double*, const double* const*, int64_t);

}  // namespace odeon::cpu
