// Alexander's two-stage SDIRK of order 2, stiffly accurate and L-stable.
// R. Alexander, SIAM J. Numer. Anal. 14 (1977) 1006-1021. The smaller root of g^2 - 2 g + 1/2; with the
// larger one the method has the same properties and ten times the error constant.
#include <odeon/sdk/implicit_rk.hpp>

constexpr double g = 1 - 1.414213562373095048801688724209698078570 / 2;

constexpr odeon::Tableau<2> kTableau{
    .order = 2,
    .c = {g, 1},
    .a = {{{g}, {1 - g, g}}},
    .b = {1 - g, g},
};

ODEON_PLUGIN_IMPLICIT_RK("sdirk2", kTableau, "SDIRK 2",
                         "Order 2, two diagonally implicit stages, L-stable. Alexander (1977).")
