// Reductions of one chunk in double.
#pragma once
#include <cstdint>

namespace odeon::cpu {

template <class T>
double sum_of(const T* x, int64_t size);
// operation: ODEON_REDUCE_MAX or _MIN; NaN if any element is.
template <class T>
double extremum_of(int32_t operation, const T* x, int64_t size);
template <class T>
double dot_of(const T* x, const T* y, int64_t size);

}  // namespace odeon::cpu
