// Kvaerno's ESDIRK 3/2 with four stages: both the step and its companion of order 2, the stage before the
// last, are stiffly accurate and L-stable. Cubic Hermite dense output. A. Kvaerno, BIT Numer. Math. 44 (2004)
// 489-502, section 4.
#include <odeon/sdk/implicit_rk.hpp>

// Root of g^3 - 3 g^2 + 3/2 g - 1/6, so that R(infinity) = 0.
constexpr double g = 0.435866521508458999416019451193556843;
constexpr double a31 = (-4 * g * g + 6 * g - 1) / (4 * g), a32 = (1 - 2 * g) / (4 * g);
constexpr double a41 = (6 * g - 1) / (12 * g), a42 = -1 / ((24 * g - 12) * g),
                 a43 = (-6 * g * g + 6 * g - 1) / (6 * g - 3);

constexpr odeon::Tableau<4> kTableau{
    .order = 3,
    .embedded_order = 2,
    .c = {0, 2 * g, 1, 1},
    .a = {{{}, {g, g}, {a31, a32, g}, {a41, a42, a43, g}}},
    .b = {a41, a42, a43, g},
    .b_hat = {a31, a32, g, 0},
};

ODEON_PLUGIN_IMPLICIT_RK(
    "kvaerno3", kTableau, "Kvaerno 3(2)",
    "Order 3 with an embedded estimate of order 2, both L-stable and stiffly accurate, cubic "
    "Hermite dense output. Kvaerno (2004).")
