// Implicit midpoint: y1 = y0 + h f(t0 + h/2, (y0 + y1)/2). A-stable, symplectic and symmetric.
// E. Hairer, G. Wanner, Solving Ordinary Differential Equations II (1996), IV.3.
#include <odeon/sdk/implicit_rk.hpp>

constexpr odeon::Tableau<1> kTableau{
    .order = 2,
    .c = {1. / 2},
    .a = {{{1. / 2}}},
    .b = {1},
};

ODEON_PLUGIN_IMPLICIT_RK(
    "implicit_midpoint", kTableau, "Implicit midpoint",
    "Order 2, A-stable, symplectic. Hairer and Wanner, Solving Ordinary Differential Equations II "
    "(1996), IV.3.")
