// `stepping: per_row`: each row of the batch is a solve of its own, so its steps, its failure and its bits do
// not depend on the other rows.
#pragma once
#include "engine/problem.hpp"

namespace odeon::host {

inline bool steps_per_row(const odeon_problem& p) {
  return p.solver.settings.stepping == Stepping::per_row && p.batch > 1 && !p.parent;
}

// The problem of a single row with the field, θ and solver of `problem`, for any of its rows; counts where
// `problem` counts now. Lives as long as it.
odeon_problem& row_problem(odeon_problem& problem);

// Row r of [batch, state…] as a batch of one.
odeon_tensor row_of(const odeon_tensor& batch, int64_t r);
// Row r of all [times, batch, state…], to and from [times, 1, state…].
void gather_row(odeon_problem& problem, const odeon_tensor& all, int64_t r, const odeon_tensor& row);
void scatter_row(odeon_problem& problem, const odeon_tensor& row, int64_t r, const odeon_tensor& all);

// Adds the events of row r.
void append_log(EventLog& all, const EventLog& of_row, int64_t r);

// As `integrate`, for a solve without step observer and quadrature. Throws SolveFailed after all rows, with
// the failure of each that did not get to its end; the others' states are written.
void integrate_rows(odeon_problem& problem, const odeon_solve_args& args);

}  // namespace odeon::host
