// Implicit Euler: y1 = y0 + h f(t1, y1). L-stable, order 1.
#include <odeon/sdk/implicit_rk.hpp>

constexpr odeon::Tableau<1> kTableau{
    .order = 1,
    .c = {1},
    .a = {{{1}}},
    .b = {1},
};

ODEON_PLUGIN_IMPLICIT_RK(
    "implicit_euler", kTableau, "Implicit Euler",
    "Order 1, L-stable. Hairer and Wanner, Solving Ordinary Differential Equations II, IV.3.")
