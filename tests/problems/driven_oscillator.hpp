// q'' = -4 q + cos t: linear, non-autonomous. q = cos(t) / 3 + a cos 2t + b sin 2t. A second-order system [q,
// v].
#pragma once
#include <cmath>

#include "problems/problem.hpp"

namespace odeon::test {

inline Problem driven_oscillator() {
  return {
      "driven_oscillator",
      {{"plugin", "expression"},
       {"state", {"q", "v"}},
       {"derivatives", {{"q", "v"}, {"v", "-4*q + cos(t)"}}}},
      {{1, 0}, {0, 0.5}},
      0,
      3,
      [](double t, const std::vector<double>& y0) {
        const double a = y0[0] - 1. / 3, b = y0[1] / 2, c = std::cos(2 * t), s = std::sin(2 * t);
        return std::vector<double>{std::cos(t) / 3 + a * c + b * s, -std::sin(t) / 3 + 2 * (b * c - a * s)};
      }};
}

}  // namespace odeon::test
