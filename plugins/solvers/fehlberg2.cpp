// Fehlberg 2(1), FSAL: order 2 advances, order 1 estimates. E. Fehlberg, NASA TR R-315 (1969), table IX,
// with the rows as torchdiffeq has them.
#include <odeon/sdk/explicit_rk.hpp>

constexpr odeon::Tableau<3> kTableau{
    .order = 2,
    .embedded_order = 1,
    .c = {0, 1. / 2, 1},
    .a = {{{}, {1. / 2}, {1. / 256, 255. / 256}}},
    .b = {1. / 512, 255. / 256, 1. / 512},
    .b_hat = {1. / 256, 255. / 256, 0},
};

ODEON_PLUGIN_EXPLICIT_RK("fehlberg2", kTableau, "Fehlberg 2(1)",
                         "Order 2 with an embedded estimate of order 1, three stages. Fehlberg (1969).")
