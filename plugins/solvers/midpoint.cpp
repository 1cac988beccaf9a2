// The explicit midpoint rule (modified Euler). C. Runge, Math. Ann. 46 (1895) 167-178. Not Heun's method,
// which averages the slopes at both ends.
#include <odeon/sdk/explicit_rk.hpp>

constexpr odeon::Tableau<2> kTableau{
    .order = 2,
    .c = {0, 1. / 2},
    .a = {{{}, {1. / 2}}},
    .b = {0, 1},
};

ODEON_PLUGIN_EXPLICIT_RK("midpoint", kTableau, "Explicit midpoint",
                         "Order 2, two stages, fixed steps. Runge (1895).")
