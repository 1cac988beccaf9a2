// Heun's method with an embedded Euler step. K. Heun (1900). The next step begins with f(t1, y1);
// torchdiffeq's adaptive_heun begins with the last stage instead, which is not that derivative.
#include <odeon/sdk/explicit_rk.hpp>

constexpr odeon::Tableau<2> kTableau{
    .order = 2,
    .embedded_order = 1,
    .c = {0, 1},
    .a = {{{}, {1}}},
    .b = {1. / 2, 1. / 2},
    .b_hat = {1, 0},
};

ODEON_PLUGIN_EXPLICIT_RK("adaptive_heun", kTableau, "Heun 2(1)",
                         "Order 2 with an embedded estimate of order 1, two stages.")
