// Bogacki-Shampine 3(2), FSAL. P. Bogacki, L. F. Shampine, Appl. Math. Lett. 2 (1989) 321-325.
// Values between the ends by cubic Hermite, which has the method's order.
#include <odeon/sdk/explicit_rk.hpp>

constexpr odeon::Tableau<4> kTableau{
    .order = 3,
    .embedded_order = 2,
    .c = {0, 1. / 2, 3. / 4, 1},
    .a = {{{}, {1. / 2}, {0, 3. / 4}, {2. / 9, 1. / 3, 4. / 9}}},
    .b = {2. / 9, 1. / 3, 4. / 9, 0},
    .b_hat = {7. / 24, 1. / 4, 1. / 3, 1. / 8},
};

ODEON_PLUGIN_EXPLICIT_RK(
    "bosh3", kTableau, "Bogacki-Shampine 3(2)",
    "Order 3 with an embedded estimate of order 2, FSAL, cubic Hermite dense output. For loose tolerances.")
