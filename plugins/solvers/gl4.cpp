// Gauss-Legendre of order 4, two stages. J. C. Butcher, Math. Comp. 18 (1964) 50-64; Hairer and Wanner II,
// table IV.5.1. The nodes are 1/2 -+ sqrt(3)/6; some programs print the first of them twice.
// Values between the ends by cubic Hermite: the polynomial of the stages has order 2 only.
#include <odeon/sdk/implicit_rk.hpp>

constexpr double s3 = 1.732050807568877293527446341505872366943;

constexpr odeon::Tableau<2> kTableau{
    .order = 4,
    .c = {1. / 2 - s3 / 6, 1. / 2 + s3 / 6},
    .a = {{{1. / 4, 1. / 4 - s3 / 6}, {1. / 4 + s3 / 6, 1. / 4}}},
    .b = {1. / 2, 1. / 2},
};

ODEON_PLUGIN_IMPLICIT_RK(
    "gl4", kTableau, "Gauss-Legendre 4",
    "Order 4 with two coupled stages, A-stable, symplectic. Hairer and Wanner, Solving Ordinary "
    "Differential Equations II (1996), IV.5.")
