// What a solver claims to solve, from its numbers or its capability bits: nothing here knows a method by name.
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
    std::swap(a[c], *std::max_element(a.begin() + static_cast<long>(c), a.end(), [&](const auto& x, const auto& y) {
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

struct Claims {
  int order;
  bool adaptive;  // has an estimate of its error, or steps by itself
  bool stiff;
  bool second_order;  // needs a state [q, v]
  double estimate;    // the largest weight of the embedded difference b - b_hat; 1 where there is none to see
};

inline Claims claims_of(const odeon_solver_api& solver) {
  if (!solver.tableau) {
    const uint32_t c = solver.capabilities;
    return {solver.order, (c & (ODEON_SOLVER_ESTIMATES | ODEON_SOLVER_OWN_STEPS)) != 0, (c & ODEON_SOLVER_STIFF) != 0,
            (c & ODEON_SOLVER_SECOND_ORDER) != 0, 1};
  }
  const odeon_tableau& m = *solver.tableau;
  double estimate = m.b_hat ? 0 : 1;
  for (int i = 0; m.b_hat && i < m.stages; ++i) estimate = std::max(estimate, std::abs(m.b[i] - m.b_hat[i]));
  return {m.order, m.b_hat != nullptr, a_stable(m), false, estimate};
}

}  // namespace odeon::test
