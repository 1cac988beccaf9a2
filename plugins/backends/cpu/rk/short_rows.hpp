// Rows with steps of their own that are too short for a loop each: many of them by one loop over their
// elements.
#pragma once
#include <odeon/backend.h>

namespace odeon::cpu {

constexpr int64_t kShortRow = 32;  // elements
constexpr int64_t kShortBlock = 512;

// What rows have in common, in a block of them.
inline int64_t short_rows_at_once(int64_t row_size) { return kShortBlock / row_size; }

// z_r = base_r + sum_i (scale_r c_i) x_i,r for rows [first, last), at most short_rows_at_once. Each product
// of scale and c is rounded to T, as combine's coefficients are. z may be exactly base or any x[i].
template <class T>
void combine_short_rows(T* z, const T* base, const odeon_scalar& scale, int n_terms, const double* c,
                        const odeon_tensor* terms, int64_t row_size, int64_t first, int64_t last);

// As norm_part and norm_of_parts, for each of these rows.
template <class T>
void norms_of_short_rows(const odeon_error_norm_args& p, int64_t row_size, int64_t first, int64_t last,
                         double* result);

}  // namespace odeon::cpu
