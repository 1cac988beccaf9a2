// Trapezoidal rule: y1 = y0 + h/2 (f(t0, y0) + f(t1, y1)). A-stable, symmetric.
// E. Hairer, G. Wanner, Solving Ordinary Differential Equations II (1996), IV.3.
#include <odeon/sdk/implicit_rk.hpp>

constexpr odeon::Tableau<2> kTableau{
    .order = 2,
    .c = {0, 1},
    .a = {{{}, {1. / 2, 1. / 2}}},
    .b = {1. / 2, 1. / 2},
};

ODEON_PLUGIN_IMPLICIT_RK(
    "trapezoid", kTableau, "Trapezoidal rule",
    "Order 2, A-stable. Hairer and Wanner, Solving Ordinary Differential Equations II (1996), "
    "IV.3.")
