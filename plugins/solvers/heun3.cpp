// Heun's third-order method. K. Heun, Z. Math. Phys. 45 (1900) 23-38.
#include <odeon/sdk/explicit_rk.hpp>

constexpr odeon::Tableau<3> kTableau{
    .order = 3,
    .c = {0, 1. / 3, 2. / 3},
    .a = {{{}, {1. / 3}, {0, 2. / 3}}},
    .b = {1. / 4, 0, 3. / 4},
};

ODEON_PLUGIN_EXPLICIT_RK("heun3", kTableau, "Heun 3", "Order 3, three stages, fixed steps. Heun (1900).")
