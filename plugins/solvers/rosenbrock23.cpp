// Rosenbrock 2(3), FSAL, L-stable: ode23s of MATLAB, with its free dense output. It keeps its order with any
// matrix in place of J, so a Jacobian by differences is good enough. L. F. Shampine, M. W. Reichelt, SIAM J.
// Sci. Comput. 18 (1997) 1-22, section 3; there the third stage is written with f(t0, y0) and f(t0 + h/2, y0
// + h/2 k1), which gamma_31 and gamma_32 here replace.
#include <odeon/sdk/rosenbrock.hpp>

constexpr double s2 = 1.414213562373095048801688724209698078570;
constexpr double d = 1 / (2 + s2), e32 = 6 + s2;

constexpr odeon::RosenbrockTable<3, 2> kTable = odeon::to_table(odeon::ClassicalRosenbrock<3, 2>{
    .order = 2,
    .embedded_order = 3,
    .alpha = {{{}, {1. / 2}, {0, 1}}},
    .gamma = {{{d}, {-d, d}, {d * (e32 - 2), -d* e32, d}}},
    .b = {0, 1},
    .b_hat = {1. / 6, 2. / 3, 1. / 6},
    .dense = {{{1 / (1 - 2 * d), -1 / (1 - 2 * d)}, {-2 * d / (1 - 2 * d), 1 / (1 - 2 * d)}, {}}},
    .dense_order = 2,
});

ODEON_PLUGIN_ROSENBROCK(
    "rosenbrock23", kTable, "Rosenbrock 2(3)",
    "Linearly implicit, order 2 with an estimate by order 3, L-stable, FSAL, free dense output: "
    "ode23s of Shampine and Reichelt (1997). For stiff problems at loose tolerances.")
