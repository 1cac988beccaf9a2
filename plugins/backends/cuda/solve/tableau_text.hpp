// A tableau as source text.
#pragma once
#include <odeon/ext/solve.h>

#include <string>

namespace odeon::cuda {

// Macros STAGES, FSAL, HERMITE, MAX_NORM, and functions of the stages k (stage_list) at the element j
// (element), two types that stand in front of the text: stage_sum (sum_j a_ij k_j), end_sum (by b), error_sum
// (by b - b_hat), between_sum (by a_s - a_(s-1)); stage_time (c_i) and dense_weights, of k at x in [0, 1].
std::string tableau_text(const odeon_solve_spec& spec);

// The last stage is f(t1, y1).
bool is_fsal(const odeon_tableau& tableau);

}  // namespace odeon::cuda
