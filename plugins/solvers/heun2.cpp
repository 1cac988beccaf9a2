// Heun's second-order method: the explicit trapezoidal rule.
// K. Heun, Z. Math. Phys. 45 (1900) 23-38. adaptive_heun is the same with an embedded Euler step.
#include <odeon/sdk/explicit_rk.hpp>

constexpr odeon::Tableau<2> kTableau{
    .order = 2,
    .c = {0, 1},
    .a = {{{}, {1}}},
    .b = {1. / 2, 1. / 2},
};

ODEON_PLUGIN_EXPLICIT_RK("heun2", kTableau, "Heun 2",
                         "Order 2, two stages, fixed steps: the explicit trapezoidal rule. Heun (1900).")
