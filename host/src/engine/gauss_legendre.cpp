#include "engine/gauss_legendre.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <vector>

namespace odeon::host {
namespace {

template <unsigned N>
std::vector<GaussNode> nodes() {
  using Rule = boost::math::quadrature::gauss<double, N>;
  std::vector<GaussNode> out;
  for (size_t i = 0; i < Rule::abscissa().size(); ++i) {
    const double x = Rule::abscissa()[i], w = Rule::weights()[i] / 2;
    if (x != 0) out.push_back({(1 - x) / 2, w});
    out.push_back({(1 + x) / 2, w});
  }
  return out;
}

}  // namespace

std::span<const GaussNode> gauss_legendre(int order) {
  static const std::vector<GaussNode> rules[] = {{{0.5, 1}}, nodes<2>(), nodes<3>(), nodes<4>(), nodes<5>()};
  return rules[std::clamp((order + 1) / 2, 1, 5) - 1];
}

}  // namespace odeon::host
