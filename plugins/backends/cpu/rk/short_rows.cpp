#include "rk/short_rows.hpp"

#include <algorithm>
#include <cmath>
#include <odeon/sdk/arguments.hpp>

#include "rk/error_norm.hpp"

namespace odeon::cpu {
namespace {

// to[n] = base + sum of the terms, all from element `at` on.
template <class T>
void combine_block(T* to, const T* base, const odeon_scalar& scale, int n_terms, const double* c,
                   const odeon_tensor* terms, int64_t row_size, int64_t first, int64_t last) {
  const int64_t at = first * row_size, n = (last - first) * row_size;
  double scales[kShortBlock];
  for (int64_t r = first, i = 0; r < last; ++r)
    for (const int64_t end = i + row_size; i < end; ++i) scales[i] = value_of(scale, r);
  if (base)
    std::copy_n(base + at, n, to);
  else
    std::fill_n(to, n, T(0));
  for (int k = 0; k < n_terms; ++k) {
    const double factor = c[k];
    const T* term = data<const T>(terms[k]) + at;
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) to[i] += static_cast<T>(scales[i] * factor) * term[i];
  }
}

}  // namespace

template <class T>
void combine_short_rows(T* z, const T* base, const odeon_scalar& scale, int n_terms, const double* c,
                        const odeon_tensor* terms, int64_t row_size, int64_t first, int64_t last) {
  T sum[kShortBlock];  // z may be a term
  combine_block(sum, base, scale, n_terms, c, terms, row_size, first, last);
  std::copy_n(sum, (last - first) * row_size, z + first * row_size);
}

template <class T>
void norms_of_short_rows(const odeon_error_norm_args& p, int64_t row_size, int64_t first, int64_t last,
                         double* result) {
  const int64_t at = first * row_size, n = (last - first) * row_size;
  T e[kShortBlock];
  double q[kShortBlock];  // the magnitudes, then the divisors, then the quotients
  combine_block<T>(e, nullptr, p.scale, p.n_terms, p.coefficients, p.terms, row_size, first, last);
  magnitudes<T>(q, data<const T>(*p.y0) + at, p.y1 ? data<const T>(*p.y1) + at : nullptr, n);
  if (p.rtol_vector || p.atol_vector) {
    for (int64_t i = 0; i < n; i += row_size)
      for (int64_t j = 0; j < row_size; ++j)
        q[i + j] = (p.atol_vector ? p.atol_vector[j] : p.atol) +
                   (p.rtol_vector ? p.rtol_vector[j] : p.rtol) * q[i + j];
  } else {
    const double a = p.atol, r = p.rtol;
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) q[i] = a + r * q[i];
  }
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) q[i] = std::fabs(double(e[i]) / q[i]);
  for (int64_t r = first, i = 0; r < last; ++r) {
    double joined = 0;
    for (const int64_t end = i + row_size; i < end; ++i)
      joined = p.norm == ODEON_NORM_RMS ? joined + q[i] * q[i] : join_parts(p.norm, joined, q[i]);
    result[r] = norm_of_parts(p.norm, joined, row_size);
  }
}

template void combine_short_rows<float>(float*, const float*, const odeon_scalar&, int, const double*,
                                        const odeon_tensor*, int64_t, int64_t, int64_t);
template void combine_short_rows<double>(double*, const double*, const odeon_scalar&, int, const double*,
                                         const odeon_tensor*, int64_t, int64_t, int64_t);
template void norms_of_short_rows<float>(const odeon_error_norm_args&, int64_t, int64_t, int64_t, double*);
template void norms_of_short_rows<double>(const odeon_error_norm_args&, int64_t, int64_t, int64_t, double*);

}  // namespace odeon::cpu
