// Euler's equations of a free rigid body, problem B5 of DETEST (Hull, Enright, Fellen, Sedgwick, SIAM J.
// Numer. Anal. 9, 1972): y1' = y2 y3, y2' = -y1 y3, y3' = -0.51 y1 y2 from (0, s, s). Nonlinear, autonomous.
// y = s (sn, cn, dn)(s t; k^2 = 0.51); each row its own s.
#pragma once
#include <boost/math/special_functions/jacobi_elliptic.hpp>
#include <cmath>

#include "problems/problem.hpp"

namespace odeon::test {

inline Problem free_body() {
  return {"free_body",
          {{"plugin", "expression"},
           {"state", {"a", "b", "c"}},
           {"derivatives", {{"a", "b*c"}, {"b", "-a*c"}, {"c", "-0.51*a*b"}}}},
          {{0, 0.8, 0.8}, {0, 1, 1}, {0, 1.2, 1.2}},
          0,
          4,
          [](double t, const std::vector<double>& y0) {
            const double s = y0[1];
            double cn = 0, dn = 0;
            const double sn = boost::math::jacobi_elliptic(std::sqrt(0.51), s * t, &cn, &dn);
            return std::vector<double>{s * sn, s * cn, s * dn};
          }};
}

}  // namespace odeon::test
