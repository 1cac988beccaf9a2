// A planet about a fixed sun, from the pericentre; [q, v] with |q| = 1 - e, period 2 pi.
// DETEST class D has eccentricities 0.1 to 0.9 (Hull et al. 1972, as in detest_a.hpp).
#pragma once
#include <cmath>

#include "problems/formulas.hpp"

namespace odeon::test {

inline Problem kepler(double e = 0.6, double stop = 20, std::string name = "kepler") {
  Problem p{std::move(name),
            expression({"y3", "y4", "-y1/(y1^2 + y2^2)^1.5", "-y2/(y1^2 + y2^2)^1.5"}),
            {{1 - e, 0, 0, std::sqrt((1 + e) / (1 - e))}},
            0,
            stop};
  p.second_order = true;
  return p;
}

inline std::vector<Problem> detest_d() {
  return {kepler(0.1, 20, "detest_d1"), kepler(0.3, 20, "detest_d2"), kepler(0.5, 20, "detest_d3"),
          kepler(0.7, 20, "detest_d4"), kepler(0.9, 20, "detest_d5")};
}

}  // namespace odeon::test
