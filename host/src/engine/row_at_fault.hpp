// Which row keeps a batch that steps together from going on.
#pragma once
#include <odeon/host/solution.hpp>

#include "engine/problem.hpp"

namespace odeon::host {

// The failure of a batch, in this row: with its index, and what helps the others where there are any.
Failure in_row(Failure failure, int64_t row, int64_t batch);

// Of a trial step from y0 to y1: in the first row that does not stay finite, else in the one that changes
// most on the scale of the error norm.
Failure with_row_at_fault(Failure failure, const odeon_problem& problem, const odeon_tensor& y0,
                          const odeon_tensor& y1);

}  // namespace odeon::host
