// DETEST class A: one equation, t from 0 to 20. Hull, Enright, Fellen, Sedgwick, SIAM J. Numer. Anal. 9
// (1972) 603-637; Enright and Pryce, ACM TOMS 13 (1987) 1-34.
#pragma once
#include "problems/formulas.hpp"

namespace odeon::test {

inline std::vector<Problem> detest_a() {
  return {
      {"detest_a1", expression({"-y1"}), {{1}}, 0, 20},
      {"detest_a2", expression({"-y1^3/2"}), {{1}}, 0, 20},  // a Riccati equation
      {"detest_a3", expression({"y1*cos(t)"}), {{1}}, 0, 20},
      {"detest_a4", expression({"y1/4*(1 - y1/20)"}), {{1}}, 0, 20},   // logistic
      {"detest_a5", expression({"(y1 - t)/(y1 + t)"}), {{4}}, 0, 20},  // a spiral
  };
}

}  // namespace odeon::test
