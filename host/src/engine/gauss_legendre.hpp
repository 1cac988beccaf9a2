// Gauss-Legendre quadrature on [0, 1].
#pragma once
#include <span>

namespace odeon::host {

struct GaussNode {
  double x, weight;
};

// The fewest nodes, up to five, that are exact for polynomials of degree order - 1.
std::span<const GaussNode> gauss_legendre(int order);

}  // namespace odeon::host
