// Radau IIA of order 3, two stages, stiffly accurate and L-stable. Values between the ends by cubic Hermite:
// the polynomial of the stages has order 2 only. E. Hairer, G. Wanner, Solving Ordinary Differential
// Equations II (1996), table IV.5.5.
#include <odeon/sdk/implicit_rk.hpp>

constexpr odeon::Tableau<2> kTableau{
    .order = 3,
    .c = {1. / 3, 1},
    .a = {{{5. / 12, -1. / 12}, {3. / 4, 1. / 4}}},
    .b = {3. / 4, 1. / 4},
};

ODEON_PLUGIN_IMPLICIT_RK(
    "radau_iia3", kTableau, "Radau IIA 3",
    "Order 3 with two coupled stages, L-stable. Hairer and Wanner, Solving Ordinary Differential "
    "Equations II (1996), IV.5.")
