// What a solver claims to solve, from its numbers or its capability bits: nothing here knows a method by
// name.
#pragma once
#include <odeon/solver.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace odeon::test {

// R(z) = 1 + z b (I - z A)^-1 1: what one step makes of y' = lambda y with z = h lambda.
inline std::complex<double> stability_function(const odeon_tableau& m, std::complex<double> z) {
  const size_t s = static_cast<size_t>(m.stages);
  std::vector<std::vector<std::complex<double>>> a(s, std::vector<std::complex<double>>(s + 1, 1.0));
  for (size_t i = 0; i < s; ++i)
    for (size_t j = 0; j < s; ++j) a[i][j] = (i == j ? 1.0 : 0.0) - z * m.a[i * s + j];
  for (size_t c = 0; c < s; ++c) {  // Gauss and Jordan, with the largest pivot of the column
    std::swap(a[c],
              *std::max_element(a.begin() + static_cast<long>(c), a.end(), [&](const auto& x, const auto& y) {
                return std::abs(x[c]) < std::abs(y[c]);
              }));
    for (size_t i = 0; i < s; ++i)
      if (i != c) {
        const std::complex<double> factor = a[i][c] / a[c][c];
        for (size_t j = c; j <= s; ++j) a[i][j] -= factor * a[c][j];
      }
  }
  std::complex<double> r = 1;
  for (size_t i = 0; i < s; ++i) r += z * m.b[i] * a[i][s] / a[i][i];
  return r;
}

// |R| <= 1 in the left half plane, looked at on rays over many powers of ten; poles there would show as well.
inline bool a_stable(const odeon_tableau& m) {
  constexpr double kRoundoff = 1e-9;
  for (double angle = 90; angle <= 180; angle += 5)
    for (double exponent = -3; exponent <= 6; exponent += 0.125) {
      const auto z = std::polar(std::pow(10, exponent), angle * std::numbers::pi / 180);
      if (!(std::abs(stability_function(m, z)) <= 1 + kRoundoff)) return false;
    }
  return true;
}

inline bool claims_stiffness(const odeon_solver_api& solver) {
  return solver.tableau ? a_stable(*solver.tableau) : (solver.capabilities & ODEON_SOLVER_STIFF) != 0;
}

// The largest weight b - b_hat of the error estimate; 1 where no tableau shows it.
inline double estimate_weight(const odeon_solver_api& solver) {
  if (!solver.tableau || !solver.tableau->b_hat) return 1;
  double largest = 0;
  for (int i = 0; i < solver.tableau->stages; ++i)
    largest = std::max(largest, std::abs(solver.tableau->b[i] - solver.tableau->b_hat[i]));
  return largest;
}

}  // namespace odeon::test
