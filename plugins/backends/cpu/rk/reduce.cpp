#include "rk/reduce.hpp"

#include <odeon/backend.h>

#include <limits>

namespace odeon::cpu {

template <class T>
double sum_of(const T* x, int64_t size) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < size; ++i) sum += double(x[i]);
  return sum;
}

template <class T>
double extremum_of(int32_t operation, const T* x, int64_t size) {
  const double sign = operation == ODEON_REDUCE_MAX ? 1 : -1;
  double max = -std::numeric_limits<double>::infinity();
  int64_t nans = 0;
#pragma omp simd reduction(max : max) reduction(+ : nans)
  for (int64_t i = 0; i < size; ++i) {
    const double v = sign * double(x[i]);
    max = v > max ? v : max;
    nans += v != v;
  }
  return nans > 0 ? std::numeric_limits<double>::quiet_NaN() : sign * max;
}

template <class T>
double dot_of(const T* x, const T* y, int64_t size) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < size; ++i) sum += double(x[i]) * double(y[i]);
  return sum;
}

template double sum_of<float>(const float*, int64_t);
template double sum_of<double>(const double*, int64_t);
template double extremum_of<float>(int32_t, const float*, int64_t);
template double extremum_of<double>(int32_t, const double*, int64_t);
template double dot_of<float>(const float*, const float*, int64_t);
template double dot_of<double>(const double*, const double*, int64_t);

}  // namespace odeon::cpu
