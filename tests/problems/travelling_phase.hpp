// y' = 2 sin(y + 3t): nonlinear, non-autonomous. With u = y + 3t, u' = 3 + 2 sin u, so
// 3 tan(u/2) + 2 = s tan(s (t + c) / 2), s = sqrt(5); u grows by 2 pi each time the tangent passes its pole.
#pragma once
#include <cmath>
#include <numbers>

#include "problems/problem.hpp"

namespace odeon::test {

inline Problem travelling_phase() {
  return {"travelling_phase",
          {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "2*sin(y + 3*t)"}}}},
          {{-1}, {0.3}, {0.8}},
          0,
          2.2,
          [](double t, const std::vector<double>& y0) {
            const double s = std::sqrt(5.0), phase = std::atan((3 * std::tan(y0[0] / 2) + 2) / s) + s * t / 2;
            const double turns = std::round(phase / std::numbers::pi);
            return std::vector<double>{2 * std::atan((s * std::tan(phase) - 2) / 3) +
                                       2 * std::numbers::pi * turns - 3 * t};
          }};
}

}  // namespace odeon::test
