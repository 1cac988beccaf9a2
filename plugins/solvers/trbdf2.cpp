// TR-BDF2: the trapezoidal rule to t0 + 2 d h, then BDF2, as one diagonally implicit method with equal
// diagonal; L-stable. The companion has order 3, so its difference is the error of the step itself. Values
// between the ends by cubic Hermite. M. E. Hosea, L. F. Shampine, Appl. Numer. Math. 20 (1996) 21-37.
#include <odeon/sdk/implicit_rk.hpp>

constexpr double s2 = 1.414213562373095048801688724209698078570;
constexpr double d = 1 - s2 / 2, w = s2 / 4;

constexpr odeon::Tableau<3> kTableau{
    .order = 2,
    .embedded_order = 3,
    .c = {0, 2 * d, 1},
    .a = {{{}, {d, d}, {w, w, d}}},
    .b = {w, w, d},
    .b_hat = {(1 - w) / 3, (3 * w + 1) / 3, d / 3},
};

ODEON_PLUGIN_IMPLICIT_RK(
    "trbdf2", kTableau, "TR-BDF2 2(3)",
    "Order 2 with an estimate by a companion of order 3, L-stable, cubic Hermite dense output. "
    "Hosea and Shampine (1996). For stiff problems at loose tolerances.")
