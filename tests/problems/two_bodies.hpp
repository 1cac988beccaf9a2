// Two bodies, q'' = -q / |q|^3 in the plane, from the pericentre at distance 1 - e; each row its own
// eccentricity e. Period 2 pi. Exact by Kepler's equation E - e sin E = t. A second-order system [q, v].
#pragma once
#include <cmath>

#include "problems/problem.hpp"

namespace odeon::test {

inline std::vector<double> two_bodies_start(double e) { return {1 - e, 0, 0, std::sqrt((1 + e) / (1 - e))}; }

inline Problem two_bodies() {
  return {
      "two_bodies",
      {{"plugin", "expression"},
       {"state", {"x", "y", "u", "v"}},
       {"derivatives", {{"x", "u"}, {"y", "v"}, {"u", "-x/(x*x + y*y)^1.5"}, {"v", "-y/(x*x + y*y)^1.5"}}}},
      {two_bodies_start(0.05), two_bodies_start(0.2), two_bodies_start(0.3)},
      0,
      4,
      [](double t, const std::vector<double>& y0) {
        const double e = 1 - y0[0], b = std::sqrt(1 - e * e);
        double anomaly = t;
        for (int i = 0; i < 50; ++i)
          anomaly -= (anomaly - e * std::sin(anomaly) - t) / (1 - e * std::cos(anomaly));
        const double c = std::cos(anomaly), s = std::sin(anomaly), rate = 1 / (1 - e * c);
        return std::vector<double>{c - e, b * s, -s * rate, b * c * rate};
      }};
}

}  // namespace odeon::test
