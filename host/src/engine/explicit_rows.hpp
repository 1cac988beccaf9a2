// Steps per row for explicit tableaus, all rows together: each operation serves every row that still runs,
// with one t and h per row. Rows that are done leave the batch when they are half of it.
#pragma once
#include "engine/row_vectors.hpp"

namespace odeon::host {

// Whether `integrate_explicit_rows` can run this solve; otherwise rows are solved one after the other.
bool suits_explicit_rows(const odeon_problem& problem);

// As integrate_rows; `vectors` are the problem's.
void integrate_explicit_rows(odeon_problem& problem, RowVectors& vectors, const odeon_solve_args& args);

}  // namespace odeon::host
