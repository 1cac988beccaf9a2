// Partial differential equations, discretised in n points inside of (0, 1).
#pragma once
#include <cmath>
#include <numbers>

#include "problems/formulas.hpp"

namespace odeon::test {

// u_t = 1 + u^2 v - 4 u + u_xx/50, v_t = 3 u - u^2 v + v_xx/50, with u = 1 and v = 3 at the ends; the state
// is u1, v1, u2, v2, … Hairer and Wanner II, IV.1 and IV.10.
inline Problem brusselator(size_t n = 20) {
  const double diffusion = 0.02 * static_cast<double>((n + 1) * (n + 1));
  const auto u = [&](size_t i) { return i == 0 || i > n ? std::string("1") : y(2 * i - 1); };
  const auto v = [&](size_t i) { return i == 0 || i > n ? std::string("3") : y(2 * i); };
  std::vector<std::string> formulas;
  std::vector<double> initial;
  for (size_t i = 1; i <= n; ++i) {
    const auto spread = [&](const auto& w) {
      return " + " + digits(diffusion) + "*(" + w(i - 1) + " - 2*" + w(i) + " + " + w(i + 1) + ")";
    };
    formulas.push_back("1 + " + u(i) + "^2*" + v(i) + " - 4*" + u(i) + spread(u));
    formulas.push_back("3*" + u(i) + " - " + u(i) + "^2*" + v(i) + spread(v));
    initial.push_back(1 +
                      std::sin(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n + 1)));
    initial.push_back(3);
  }
  Problem p{"brusselator", expression(formulas), {initial}, 0, 10};
  p.stiff = true;
  return p;
}

// u_t = u_xx between zeros; two of the discrete eigenvectors.
inline Problem heat(size_t n = 20) {
  const double h = 1.0 / static_cast<double>(n + 1);
  std::vector<std::vector<double>> a = second_difference(n);
  for (auto& row : a)
    for (double& v : row) v /= h * h;
  std::vector<double> initial;
  for (size_t i = 1; i <= n; ++i) {
    const double x = std::numbers::pi * static_cast<double>(i) * h;
    initial.push_back(std::sin(x) + 0.5 * std::sin(3 * x));
  }
  Problem p{"heat", linear_system(a), {initial}, 0, 0.2};
  p.exact = [=](double t, const std::vector<double>&) {
    const auto decay = [=](double k) {
      return std::exp(-std::pow(2 / h * std::sin(k * std::numbers::pi * h / 2), 2) * t);
    };
    std::vector<double> u;
    for (size_t i = 1; i <= n; ++i) {
      const double x = std::numbers::pi * static_cast<double>(i) * h;
      u.push_back(decay(1) * std::sin(x) + 0.5 * decay(3) * std::sin(3 * x));
    }
    return u;
  };
  p.stiff = true;
  return p;
}

}  // namespace odeon::test
