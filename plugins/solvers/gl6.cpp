// Gauss-Legendre of order 6, three stages (Kuntzmann's method). J. C. Butcher, Math. Comp. 18 (1964) 50-64;
// Hairer and Wanner II, table IV.5.2.
#include <odeon/sdk/implicit_rk.hpp>

constexpr double s15 = 3.872983346207416885179265399782399610833;
constexpr std::array<double, 3> c{1. / 2 - s15 / 10, 1. / 2, 1. / 2 + s15 / 10};

constexpr odeon::Tableau<3, 3> kTableau{
    .order = 6,
    .c = c,
    .a = {{{5. / 36, 2. / 9 - s15 / 15, 5. / 36 - s15 / 30},
           {5. / 36 + s15 / 24, 2. / 9, 5. / 36 - s15 / 24},
           {5. / 36 + s15 / 30, 2. / 9 + s15 / 15, 5. / 36}}},
    .b = {5. / 18, 4. / 9, 5. / 18},
    .dense = odeon::collocation_dense<3>(c),
    .dense_order = 3,
};

ODEON_PLUGIN_IMPLICIT_RK(
    "gl6", kTableau, "Gauss-Legendre 6",
    "Order 6 with three coupled stages, A-stable, symplectic. Hairer and Wanner, Solving Ordinary "
    "Differential Equations II (1996), IV.5.")
