// Euler's method. L. Euler, Institutionum calculi integralis I (1768), section 650.
#include <odeon/sdk/explicit_rk.hpp>

constexpr odeon::Tableau<1> kTableau{
    .order = 1,
    .c = {0},
    .a = {{{}}},
    .b = {1},
};

ODEON_PLUGIN_EXPLICIT_RK("euler", kTableau, "Explicit Euler", "Order 1, one stage, fixed steps.")
