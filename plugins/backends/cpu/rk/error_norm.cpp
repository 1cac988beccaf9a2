#include "rk/error_norm.hpp"

#include <algorithm>
#include <cmath>
#include <odeon/sdk/arguments.hpp>

#include "rk/combine.hpp"

namespace odeon::cpu {
namespace {
constexpr int64_t kBlock = 256;
}  // namespace

template <class T>
void magnitudes(double* out, const T* y0, const T* y1, int64_t n) {
  if (!y1) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) {
      const double a = std::fabs(double(y0[i]));
      out[i] = a + 0 * a;  // infinite: NaN
    }
    return;
  }
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    const double a = std::fabs(double(y0[i])), b = std::fabs(double(y1[i]));
    out[i] = (a > b ? a : b) + 0 * a + 0 * b;
  }
}

template <class T>
double norm_part(const odeon_error_norm_args& p, double scale, int64_t row_start, int64_t first,
                 int64_t last) {
  T c[kMaxTerms];
  for (int32_t i = 0; i < p.n_terms; ++i) c[i] = T(scale * p.coefficients[i]);
  double sum = 0, max = 0, poison = 0;  // poison: 0, or NaN once a quotient was not finite
  for (int64_t at = first; at < last; at += kBlock) {
    const int64_t n = std::min(kBlock, last - at), offset = row_start + at;
    T e[kBlock];
    double y[kBlock];
    const T* x[kMaxTerms];
    for (int32_t i = 0; i < p.n_terms; ++i) x[i] = data<const T>(p.terms[i]) + offset;
    combine<T>(e, nullptr, p.n_terms, c, x, n);
    magnitudes<T>(y, data<const T>(*p.y0) + offset, p.y1 ? data<const T>(*p.y1) + offset : nullptr, n);
    const double *rtol = p.rtol_vector ? p.rtol_vector + at : nullptr,
                 *atol = p.atol_vector ? p.atol_vector + at : nullptr;
    if (rtol || atol) {
      for (int64_t i = 0; i < n; ++i) y[i] = (atol ? atol[i] : p.atol) + (rtol ? rtol[i] : p.rtol) * y[i];
    } else {
      const double a = p.atol, r = p.rtol;
#pragma omp simd
      for (int64_t i = 0; i < n; ++i) y[i] = a + r * y[i];
    }
    if (p.norm == ODEON_NORM_RMS) {
#pragma omp simd reduction(+ : sum)
      for (int64_t i = 0; i < n; ++i) {
        const double q = double(e[i]) / y[i];
        sum += q * q;
      }
    } else {
#pragma omp simd reduction(max : max) reduction(+ : poison)
      for (int64_t i = 0; i < n; ++i) {
        const double q = std::fabs(double(e[i]) / y[i]);
        max = q > max ? q : max;
        poison += 0 * q;
      }
    }
  }
  return p.norm == ODEON_NORM_RMS ? sum : max + poison;
}

double join_parts(int32_t norm, double a, double b) {
  if (norm == ODEON_NORM_RMS) return a + b;
  return std::isnan(a) || a > b ? a : b;
}

double norm_of_parts(int32_t norm, double joined, int64_t count) {
  if (norm == ODEON_NORM_MAX || count == 0) return joined;
  return std::sqrt(joined / double(count));
}

template void magnitudes<float>(double*, const float*, const float*, int64_t);
template void magnitudes<double>(double*, const double*, const double*, int64_t);
template double norm_part<float>(const odeon_error_norm_args&, double, int64_t, int64_t, int64_t);
template double norm_part<double>(const odeon_error_norm_args&, double, int64_t, int64_t, int64_t);

}  // namespace odeon::cpu
