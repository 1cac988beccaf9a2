// The eigenvalue of df/dy of largest size, by the power method on differences of f, as RKC finds it:
// B. P. Sommeijer, L. F. Shampine, J. G. Verwer, J. Comput. Appl. Math. 88 (1998) 315-326.
#pragma once
#include "engine/step_arithmetic.hpp"

namespace odeon::host {

// Three vectors of the state's shape.
struct PowerScratch {
  odeon_tensor f, shifted, f_shifted;
};

// Real ones only: 0 where it is not, or was not found. A few evaluations, and a few numbers read back.
double dominant_real_eigenvalue(odeon_problem& problem, StepArithmetic& math, double t, const odeon_tensor& y,
                                const PowerScratch& scratch);

}  // namespace odeon::host
