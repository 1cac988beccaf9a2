// Radau IIA of order 5, three stages, stiffly accurate and L-stable, with the embedded formula of RADAU5.
// E. Hairer, G. Wanner, Solving Ordinary Differential Equations II (1996), table IV.5.6 and section IV.8; the
// embedded formula (8.17), y_hat = y0 + h (g0 f(t0, y0) + sum b_hat_i k_i), takes stage 0 for f(t0, y0).
#include <odeon/sdk/implicit_rk.hpp>

namespace {

constexpr double s6 = 2.449489742783178098197284074705891391966;
// 1/g0 is the real eigenvalue of A^-1.
constexpr double g0 = 0.2748888295956773677478286035994148668;

constexpr std::array<double, 4> c{0, (4 - s6) / 10, (4 + s6) / 10, 1};

constexpr odeon::Tableau<4, 3> kTableau{
    .order = 5,
    .embedded_order = 3,
    .c = c,
    .a = {{{},
           {0, (88 - 7 * s6) / 360, (296 - 169 * s6) / 1800, (-2 + 3 * s6) / 225},
           {0, (296 + 169 * s6) / 1800, (88 + 7 * s6) / 360, (-2 - 3 * s6) / 225},
           {0, (16 - s6) / 36, (16 + s6) / 36, 1. / 9}}},
    .b = {0, (16 - s6) / 36, (16 + s6) / 36, 1. / 9},
    // The three weights that make sum b_hat_i c_i^(q-1) = 1/q for q = 1, 2, 3 with g0 at c = 0.
    .b_hat = {g0, (16 - s6) / 36 - g0*(2 + 3 * s6) / 6, (16 + s6) / 36 - g0*(2 - 3 * s6) / 6,
              1. / 9 - g0 / 3},
    .dense = odeon::collocation_dense<4, 1>(c),
    .dense_order = 3,
};

}  // namespace

ODEON_PLUGIN_IMPLICIT_RK(
    "radau_iia5", kTableau, "Radau IIA 5(3)",
    "Order 5 with an embedded estimate of order 3, L-stable, three coupled stages. The method of "
    "RADAU5: Hairer and Wanner, Solving Ordinary Differential Equations II (1996), IV.8.")
