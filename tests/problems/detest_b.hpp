// DETEST class B: small systems, t from 0 to 20. Hull et al. (1972), as in detest_a.hpp.
#pragma once
#include "problems/formulas.hpp"

namespace odeon::test {

inline std::vector<Problem> detest_b() {
  const std::string r = "sqrt(y1^2 + y2^2)";
  return {
      // Two conflicting populations.
      {"detest_b1", expression({"2*(y1 - y1*y2)", "-(y2 - y1*y2)"}), {{1, 3}}, 0, 20},
      // A linear and a nonlinear chemical reaction.
      {"detest_b2", linear_system({{-1, 1, 0}, {1, -2, 1}, {0, 1, -1}}), {{2, 0, 1}}, 0, 20},
      {"detest_b3", expression({"-y1", "y1 - y2^2", "y2^2"}), {{1, 0, 0}}, 0, 20},
      // The integral surface of a torus.
      {"detest_b4", expression({"-y2 - y1*y3/" + r, "y1 - y2*y3/" + r, "y1/" + r}), {{3, 0, 0}}, 0, 20},
      // Euler's equations of a rigid body without external forces.
      {"detest_b5", expression({"y2*y3", "-y1*y3", "-0.51*y1*y2"}), {{0, 1, 1}}, 0, 20},
  };
}

}  // namespace odeon::test
