// The classical Runge-Kutta method of order 4. W. Kutta, Z. Math. Phys. 46 (1901) 435-453.
// Not torchdiffeq's rk4, which is the 3/8 rule (rk4 here).
#include <odeon/sdk/explicit_rk.hpp>

constexpr odeon::Tableau<4> kTableau{
    .order = 4,
    .c = {0, 1. / 2, 1. / 2, 1},
    .a = {{{}, {1. / 2}, {0, 1. / 2}, {0, 0, 1}}},
    .b = {1. / 6, 1. / 3, 1. / 3, 1. / 6},
};

ODEON_PLUGIN_EXPLICIT_RK("rk4_classic", kTableau, "Runge-Kutta 4, classical",
                         "Order 4, four stages, fixed steps. Kutta (1901).")
