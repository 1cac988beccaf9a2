// Which row keeps a batch that steps together from going on.
#pragma once
#include <odeon/host/solution.hpp>

#include "engine/problem.hpp"

namespace odeon::host {

// Of a trial step from y0 to y1: the first row that does not stay finite, else the one that changes most on
// the scale of the error norm. Its index and what helps the others; nothing where it is the only one.
Failure with_row_at_fault(Failure failure, const odeon_problem& problem, const odeon_tensor& y0,
                          const odeon_tensor& y1);

}  // namespace odeon::host
