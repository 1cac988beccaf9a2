// The required arithmetic, one loop per definition of backend.h.
#include <cmath>
#include <limits>
#include <odeon/sdk/arguments.hpp>

#include "backend.hpp"

namespace odeon::reference {
namespace {

// The larger of the two; NaN if either is.
double max_or_nan(double x, double y) { return std::isnan(x) || x > y ? x : y; }
double min_or_nan(double x, double y) { return std::isnan(x) || x < y ? x : y; }

template <class T>
double weighted_sum(int32_t n_terms, const double* coefficients, const odeon_tensor* terms, int64_t at) {
  double sum = 0;
  for (int32_t i = 0; i < n_terms; ++i) sum += coefficients[i] * double(data<const T>(terms[i])[at]);
  return sum;
}

// The norm over elements [first, last) of E / S; element j of a row uses entry j of the tolerances.
template <class T>
double norm_of(const odeon_error_norm_args& p, int64_t row_size, int64_t first, int64_t last) {
  double sum = 0, max = 0;
  for (int64_t at = first; at < last; ++at) {
    const int64_t row = at / row_size, j = at % row_size;
    const double rtol = p.rtol_vector ? p.rtol_vector[j] : p.rtol;
    const double atol = p.atol_vector ? p.atol_vector[j] : p.atol;
    double y = std::fabs(double(data<const T>(*p.y0)[at]));
    if (p.y1) y = max_or_nan(y, std::fabs(double(data<const T>(*p.y1)[at])));
    if (!std::isfinite(y)) y = std::nan("");  // an infinite divisor must not hide an element
    const double e = value_of(p.scale, row) * weighted_sum<T>(p.n_terms, p.coefficients, p.terms, at);
    const double q = std::fabs(e / (atol + rtol * y));
    sum += q * q;
    max = max_or_nan(q, max);
  }
  if (p.norm == ODEON_NORM_MAX) return max;
  return first == last ? 0 : std::sqrt(sum / double(last - first));
}

}  // namespace

odeon_status fill(odeon_queue* queue, const odeon_tensor* out, double value) {
  return barrier(queue->backend->host, [&] {
    dispatch(out->dtype, [&](auto zero) {
      using T = decltype(zero);
      for (int64_t i = 0; i < element_count(*out); ++i) data<T>(*out)[i] = T(value);
    });
  });
}

odeon_status lincomb(odeon_queue* queue, const odeon_tensor* z, const odeon_tensor* base, odeon_scalar scale,
                     int32_t n_terms, const double* coefficients, const odeon_tensor* terms) {
  return barrier(queue->backend->host, [&] {
    require_term_count("lincomb", n_terms);
    if (base) require_same_shape("lincomb", "base", *z, *base);
    for (int32_t i = 0; i < n_terms; ++i) require_same_shape("lincomb", "terms", *z, terms[i]);
    const int64_t size = element_count(*z);
    if (size == 0) return;
    const int64_t row_size = size / row_count(*z);
    dispatch(z->dtype, [&](auto zero) {
      using T = decltype(zero);
      for (int64_t at = 0; at < size; ++at) {
        const double from = base ? double(data<const T>(*base)[at]) : 0.0;
        const double sum = weighted_sum<T>(n_terms, coefficients, terms, at);
        data<T>(*z)[at] = T(from + value_of(scale, at / row_size) * sum);
      }
    });
  });
}

odeon_status error_norm(odeon_queue* queue, const odeon_error_norm_args* p, double* result) {
  return barrier(queue->backend->host, [&] {
    require_term_count("error_norm", p->n_terms);
    if (p->y1) require_same_shape("error_norm", "y1", *p->y0, *p->y1);
    for (int32_t i = 0; i < p->n_terms; ++i) require_same_shape("error_norm", "terms", *p->y0, p->terms[i]);
    const int64_t size = element_count(*p->y0), rows = row_count(*p->y0);
    const int64_t row_size = rows == 0 ? 0 : size / rows;
    dispatch(p->y0->dtype, [&](auto zero) {
      using T = decltype(zero);
      if (!p->per_row) *result = norm_of<T>(*p, row_size, 0, size);
      for (int64_t r = 0; p->per_row && r < rows; ++r)
        result[r] = norm_of<T>(*p, row_size, r * row_size, (r + 1) * row_size);
    });
  });
}

odeon_status reduce(odeon_queue* queue, int32_t operation, const odeon_tensor* x, double* result) {
  return barrier(queue->backend->host, [&] {
    if (operation < ODEON_REDUCE_SUM || operation > ODEON_REDUCE_MIN)
      throw Error("reduce: operation " + std::to_string(operation) + " is not ODEON_REDUCE_SUM, MAX or MIN");
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    double sum = 0, max = -kInfinity, min = kInfinity;
    dispatch(x->dtype, [&](auto zero) {
      using T = decltype(zero);
      for (int64_t i = 0; i < element_count(*x); ++i) {
        const double v = data<const T>(*x)[i];
        sum += v;
        max = max_or_nan(v, max);
        min = min_or_nan(v, min);
      }
    });
    *result = operation == ODEON_REDUCE_SUM ? sum : operation == ODEON_REDUCE_MAX ? max : min;
  });
}

odeon_status dot(odeon_queue* queue, const odeon_tensor* x, const odeon_tensor* y, double* result) {
  return barrier(queue->backend->host, [&] {
    require_same_shape("dot", "y", *x, *y);
    dispatch(x->dtype, [&](auto zero) {
      using T = decltype(zero);
      double sum = 0;
      for (int64_t i = 0; i < element_count(*x); ++i)
        sum += double(data<const T>(*x)[i]) * double(data<const T>(*y)[i]);
      *result = sum;
    });
  });
}

odeon_status select(odeon_queue* queue, const odeon_tensor* z, const uint8_t* mask, const odeon_tensor* a,
                    const odeon_tensor* b) {
  return barrier(queue->backend->host, [&] {
    require_same_shape("select", "a", *z, *a);
    require_same_shape("select", "b", *z, *b);
    const int64_t size = element_count(*z);
    if (size == 0) return;
    const int64_t row_size = size / row_count(*z);
    dispatch(z->dtype, [&](auto zero) {
      using T = decltype(zero);
      for (int64_t at = 0; at < size; ++at)
        data<T>(*z)[at] = data<const T>(mask[at / row_size] ? *a : *b)[at];
    });
  });
}

}  // namespace odeon::reference
