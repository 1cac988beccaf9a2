// Kvaerno's ESDIRK 4/3 with five stages, the variant that goes on with order 4: step and companion, the stage
// before the last, are stiffly accurate, the step is L-stable. The paper's other variant goes on with order 3
// and needs another g; programs have mixed the two up. Cubic Hermite dense output.
// A. Kvaerno, BIT Numer. Math. 44 (2004) 489-502, section 4.
#include <odeon/sdk/implicit_rk.hpp>

// Root of 24 g^4 - 96 g^3 + 72 g^2 - 16 g + 1, so that R(infinity) = 0.
constexpr double g = 0.572816062482134855408001384976768341;
constexpr double g2 = g * g, g3 = g2 * g, g4 = g3 * g;
constexpr double p = 12 * g2 - 6 * g + 1, q = 12 * g2 - 9 * g + 2, r = 3 * g - 1;
constexpr double a31 = (144 * g4 - 180 * g3 + 81 * g2 - 15 * g + 1) * g / (p * p),
                 a32 = (-36 * g3 + 39 * g2 - 15 * g + 2) * g / (p * p);
constexpr double a41 = (-144 * g4 * g + 396 * g4 - 330 * g3 + 117 * g2 - 18 * g + 1) / (12 * g2 * q),
                 a42 = (72 * g4 - 126 * g3 + 69 * g2 - 15 * g + 1) / (12 * g2 * r),
                 a43 = (-6 * g2 + 6 * g - 1) * p * p / (12 * g2 * q * r);
constexpr double a51 = (288 * g4 - 312 * g3 + 120 * g2 - 18 * g + 1) / (48 * g2 * q),
                 a52 = (24 * g2 - 12 * g + 1) / (48 * g2 * r),
                 a53 = -p * p * p / (48 * g2 * r * q * (6 * g2 - 6 * g + 1)),
                 a54 = (-24 * g3 + 36 * g2 - 12 * g + 1) / (24 * g2 - 24 * g + 4);

constexpr odeon::Tableau<5> kTableau{
    .order = 4,
    .embedded_order = 3,
    .c = {0, 2 * g, a31 + a32 + g, 1, 1},
    .a = {{{}, {g, g}, {a31, a32, g}, {a41, a42, a43, g}, {a51, a52, a53, a54, g}}},
    .b = {a51, a52, a53, a54, g},
    .b_hat = {a41, a42, a43, g, 0},
};

ODEON_PLUGIN_IMPLICIT_RK(
    "kvaerno4", kTableau, "Kvaerno 4(3)",
    "Order 4 with an embedded estimate of order 3, L-stable, stiffly accurate, cubic Hermite "
    "dense output. Kvaerno (2004).")
