// A tableau as source: loops over its stages become sums of the products that are not zero.
#pragma once
#include <odeon/ext/solve.h>

#include <string>

namespace odeon::cuda {

// SIZE, PARTS, STAGES, FSAL, HERMITE, MAX_NORM; stage_sum (sum_j a_ij k_j), end_sum (by b), error_sum (by b -
// b_hat), between_sum (by a_s - a_(s-1)), stage_time and dense_weights. size: of a row, in `parts` with a
// norm each. Throws ODEON_E_UNSUPPORTED where one thread cannot hold the row.
std::string method_text(const odeon_solve_spec& spec, int64_t size, int parts);

// For reverse mode: LAST_IS_FREE (b has no weight for the last stage), stage_spread (K_j += h a_ij mu),
// end_spread (K_j += h b_j mu) and dense_slopes (d/dx of dense_weights).
std::string reverse_method_text(const odeon_solve_spec& spec);
// end_weight: b_i.
std::string end_weight_text(const odeon_solve_spec& spec);

}  // namespace odeon::cuda
