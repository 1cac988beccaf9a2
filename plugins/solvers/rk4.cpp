// The 3/8 rule of order 4, as torchdiffeq's rk4; smaller error constant than the classical method
// (rk4_classic). W. Kutta, Z. Math. Phys. 46 (1901) 435-453.
#include <odeon/sdk/explicit_rk.hpp>

constexpr odeon::Tableau<4> kTableau{
    .order = 4,
    .c = {0, 1. / 3, 2. / 3, 1},
    .a = {{{}, {1. / 3}, {-1. / 3, 1}, {1, -1, 1}}},
    .b = {1. / 8, 3. / 8, 3. / 8, 1. / 8},
};

ODEON_PLUGIN_EXPLICIT_RK("rk4", kTableau, "Runge-Kutta 4, 3/8 rule",
                         "Order 4, four stages, fixed steps; the rk4 of torchdiffeq. Kutta (1901).")
