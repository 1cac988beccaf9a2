// Allen and Cahn's equation u_t = D u_xx + u - u^3 between zeros, S. M. Allen, J. W. Cahn, Acta Metall. 27
// (1979) 1085-1095, in n points inside of (0, 1), stiff with 4 D (n + 1)^2: rows of up to 512 unknowns are
// solved by dense factors, longer ones by GMRES without a matrix.
#pragma once
#include <map>
#include <numbers>

#include "plugins/solvers/stiff_runs.hpp"

namespace odeon::test {

constexpr size_t kDenseWidth = 150, kKrylovWidth = 600;

inline Json allen_cahn(size_t n, const Json& solver) {
  const double diffusion = 2e-4 * static_cast<double>((n + 1) * (n + 1));
  std::vector<std::string> formulas;
  std::vector<double> initial;
  for (size_t i = 1; i <= n; ++i) {
    const std::string before = i > 1 ? y(i - 1) : "0", after = i < n ? y(i + 1) : "0";
    formulas.push_back(digits(diffusion) + "*(" + before + " - 2*" + y(i) + " + " + after + ") + " + y(i) +
                       " - " + y(i) + "^3");
    const double x = std::numbers::pi * static_cast<double>(i) / static_cast<double>(n + 1);
    initial.push_back(0.6 * std::sin(x) + 0.5 * std::sin(5 * x) - 0.3 * std::sin(16 * x));
  }
  Json config = stiff_experiment(expression(formulas), initial, {0, 1}, solver);
  config["backend"] = "cpu";
  return config;
}

// By an explicit method of high order at a tolerance that leaves nothing to see.
inline const std::vector<double>& allen_cahn_end(size_t n) {
  static std::map<size_t, std::vector<double>> ends;
  auto [at, is_new] = ends.try_emplace(n);
  if (is_new)
    at->second = end_state(solve(allen_cahn(n, {{"plugin", "dopri8"}, {"rtol", 1e-10}, {"atol", 1e-10}})));
  return at->second;
}

// error: what may be off at the end.
inline void check_wide_states(const Json& solver, double error) {
  for (size_t n : {kDenseWidth, kKrylovWidth}) {
    CAPTURE(solver.dump());
    CAPTURE(n);
    const auto result = solve(allen_cahn(n, solver));
    CHECK(difference(end_state(result), allen_cahn_end(n)) < error);
    CHECK((counter(result, "factorizations") == 0) == (n == kKrylovWidth));
  }
}

inline void check_controlled_wide_states(Json solver) {
  constexpr double kTolerance = 1e-4;
  solver.update({{"rtol", kTolerance}, {"atol", kTolerance}});
  check_wide_states(solver, kOverTolerance * kTolerance);
}

}  // namespace odeon::test
