// Gauss-Legendre of order 2, one stage: the implicit midpoint rule, under the name of its family.
// J. C. Butcher, Math. Comp. 18 (1964) 50-64; Hairer and Wanner II, table IV.5.1.
#include <odeon/sdk/implicit_rk.hpp>

constexpr odeon::Tableau<1> kTableau{
    .order = 2,
    .c = {1. / 2},
    .a = {{{1. / 2}}},
    .b = {1},
};

ODEON_PLUGIN_IMPLICIT_RK(
    "gl2", kTableau, "Gauss-Legendre 2",
    "Order 2 with one stage, A-stable, symplectic: the implicit midpoint rule. Hairer and Wanner, "
    "Solving Ordinary Differential Equations II (1996), IV.5.")
