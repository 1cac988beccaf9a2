// Sums and maxima of |E / S| over a part of the elements of one row.
#pragma once
#include <odeon/backend.h>

namespace odeon::cpu {

// |y0|, or max(|y0|, |y1|); NaN where either is not finite, so that no infinity hides in the divisor.
template <class T>
void magnitudes(double* out, const T* y0, const T* y1, int64_t n);

// What a part contributes: the sum of squares, or the maximum (NaN where an element was not finite).
template <class T>
double norm_part(const odeon_error_norm_args& p, double scale, int64_t row_start, int64_t first,
                 int64_t last);

double join_parts(int32_t norm, double a, double b);
double norm_of_parts(int32_t norm, double joined, int64_t count);

}  // namespace odeon::cpu
