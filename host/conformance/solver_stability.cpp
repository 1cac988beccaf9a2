#include "conformance/solver_stability.hpp"

#include <cmath>
#include <complex>

#include "conformance/solver_case.hpp"
#include "conformance/stepping_case.hpp"

namespace odeon::host::conformance {
namespace {

// Where an implicit method must still be stable, and how much rounding may make of 1.
constexpr double kFar = 1e8, kSlack = 1e-6;

// Solves (I - z A) k = 1 and returns 1 + z b^T k: the stability function.
std::complex<double> stability_function(const odeon_tableau& t, std::complex<double> z) {
  const int s = t.stages;
  std::vector<std::complex<double>> m(static_cast<size_t>(s * (s + 1)));
  const auto at = [&](int i, int j) -> std::complex<double>& { return m[size_t(i * (s + 1) + j)]; };
  for (int i = 0; i < s; ++i) {
    for (int j = 0; j < s; ++j) at(i, j) = (i == j ? 1.0 : 0.0) - z * t.a[i * s + j];
    at(i, s) = 1;
  }
  for (int c = 0; c < s; ++c) {  // Gauss-Jordan with partial pivoting
    int pivot = c;
    for (int i = c + 1; i < s; ++i)
      if (std::abs(at(i, c)) > std::abs(at(pivot, c))) pivot = i;
    for (int j = 0; j <= s; ++j) std::swap(at(c, j), at(pivot, j));
    for (int i = 0; i < s; ++i) {
      if (i == c) continue;
      const std::complex<double> factor = at(i, c) / at(c, c);
      for (int j = c; j <= s; ++j) at(i, j) -= factor * at(c, j);
    }
  }
  std::complex<double> r = 1;
  for (int i = 0; i < s; ++i) r += z * t.b[i] * at(i, s) / at(i, i);
  return r;
}

// How far |R| <= 1 reaches down the negative axis, looked at 50 points per decade.
double stable_down_to(const odeon_tableau& t) {
  constexpr double kStep = 1.047;
  double x = 1e-3;
  for (; x < kFar; x *= kStep)
    if (!(std::abs(stability_function(t, -x)) <= 1 + kSlack)) break;
  return x / kStep;
}

// R(z) - e^z is C z^(p+1) near zero with a constant about one or below.
bool near_exponential(std::complex<double> r, std::complex<double> z, int order) {
  return std::abs(r - std::exp(z)) <= 10 * std::pow(std::abs(z), order + 1) + 1e-11;
}

Finding stability_of(const odeon_tableau& t, bool is_implicit) {
  const double h = t.order > 6 ? 0.5 : 0.1;
  for (const std::complex<double> z : {std::complex(-h, 0.), std::complex(0., h), std::complex(-h, h)})
    if (!near_exponential(stability_function(t, z), z, t.order)) return fail("R(z) is not exp(z) near zero");
  const double reach = stable_down_to(t);
  const std::string figure = text("|R(z)| <= 1 for z from 0 down to -%.3g", reach);
  if (!is_implicit) return reach > 0.01 ? pass(figure) : fail(figure);
  if (reach * 1.1 < kFar) return fail(figure + ", and an implicit method should not limit the step");
  return pass(figure + text(", |R(-inf)| about %.2g", std::abs(stability_function(t, -kFar))));
}

// By one step on y' = r y with rates r of all sizes.
Finding measured_stability(const Subject& s, const SolverCase& c) {
  constexpr double kStep = 0.02;
  Numbers z{-0.1};
  for (double x = 1; c.is_implicit && x <= kFar; x *= 10) z.push_back(-x);
  Numbers rates = z;
  for (double& r : rates) r /= kStep;
  SteppingCase stepping(s, decays(rates));
  stepping.start();
  if (stepping.try_step(kStep) != ODEON_OK) return skip("it refuses a first step of 0.02");
  const Numbers r = stepping.y1();
  const int order =
      s.api<odeon_solver_api>().first_order > 0 ? s.api<odeon_solver_api>().first_order : c.order;
  if (!near_exponential(r[0], z[0], order)) return fail(text("R(-0.1) is %.6g, far from exp(-0.1)", r[0]));
  for (size_t i = 1; i < z.size(); ++i)
    if (!(std::abs(r[i]) <= 1 + kSlack)) return fail(text("R(%g)", z[i]) + text(" is %.3g", r[i]));
  return pass(text("R(-0.1) misses exp(-0.1) by %.1e", std::abs(r[0] - std::exp(z[0]))) +
              (c.is_implicit ? text("; R(-1e8) = %.2g", r.back()) : ""));
}

}  // namespace

Finding is_stable(const Subject& s) {
  const SolverCase c(s);
  if (c.second_order) return skip("it is for second-order systems");
  const odeon_tableau* t = s.api<odeon_solver_api>().tableau;
  return t ? stability_of(*t, c.is_implicit) : measured_stability(s, c);
}

}  // namespace odeon::host::conformance
