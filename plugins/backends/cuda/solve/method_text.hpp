// A tableau as source: loops over its stages become sums of the products that are not zero. Two types of
// stages k and their cotangents K, stage_list and cotangent_list, and the type `element` of an index j into
// them stand in front.
#pragma once
#include <odeon/ext/solve.h>

#include <string>

namespace odeon::cuda {

// STAGES, FSAL, HERMITE, MAX_NORM; of the stages at element j: stage_sum (sum_l a_il k_l), end_sum (by b),
// error_sum (by b - b_hat), between_sum (by a_s - a_(s-1)); stage_time (c_i) and dense_weights, of k at x in
// [0, 1].
std::string tableau_text(const odeon_solve_spec& spec);
// For one thread that holds a row: SIZE (of the row, in `parts` with a norm each), PARTS, the types, and
// tableau_text. Throws ODEON_E_UNSUPPORTED where a thread cannot hold it.
std::string row_method_text(const odeon_solve_spec& spec, int64_t size, int parts);

// For reverse mode: LAST_IS_FREE (b has no weight for the last stage); stage_spread (K_l += h a_il mu) and
// end_spread (K_i += h b_i mu) at element j; and dense_slopes (d/dx of dense_weights).
std::string reverse_method_text(const odeon_solve_spec& spec);
// end_weight: b_i.
std::string end_weight_text(const odeon_solve_spec& spec);

// The last stage is f(t1, y1).
bool is_fsal(const odeon_tableau& tableau);
// y1 does not depend on it.
bool last_is_free(const odeon_tableau& tableau);

}  // namespace odeon::cuda
