// DETEST class E: equations of second order as systems, t from 0 to 20. Hull et al. (1972), as in
// detest_a.hpp.
#pragma once
#include "problems/formulas.hpp"

namespace odeon::test {

inline std::vector<Problem> detest_e() {
  return {
      // Bessel's equation of order 1/2, begun at 1.
      {"detest_e1",
       expression({"y2", "-(y2/(t + 1) + (1 - 0.25/(t + 1)^2)*y1)"}),
       {{0.6713967071418030, 0.09540051444747446}},
       0,
       20},
      // Van der Pol, Duffing, a falling body, linear pursuit.
      {"detest_e2", expression({"y2", "(1 - y1^2)*y2 - y1"}), {{2, 0}}, 0, 20},
      {"detest_e3", expression({"y2", "y1^3/6 - y1 + 2*sin(2.78535*t)"}), {{0, 0}}, 0, 20},
      {"detest_e4", expression({"y2", "0.032 - 0.4*y2^2"}), {{30, 0}}, 0, 20},
      {"detest_e5", expression({"y2", "sqrt(1 + y2^2)/(25 - t)"}), {{0, 0}}, 0, 20},
  };
}

}  // namespace odeon::test
