#include "conformance/solver_tableau.hpp"

#include <complex>
#include <cstdio>

#include "conformance/numbers.hpp"
#include "conformance/order_conditions.hpp"
#include "conformance/subject.hpp"
#include "engine/method.hpp"

namespace odeon::host::conformance {
namespace {

// Published coefficients are rounded to double; sums of dozens of them lose a few digits.
constexpr double kRoundOff = 1e-11;
// A condition that is not met misses by more than round-off.
constexpr double kMiss = 1e-9;

constexpr const char* kNoTableau = "it takes steps by code";

std::vector<double> row(const double* w, const odeon_tableau& t) { return {w, w + t.stages}; }

// Whether w has the order that is stated for it, and not one more.
Finding has_order(const odeon_tableau& t, const std::vector<double>& w, int order, const char* what) {
  double worst = 0;
  for (int p = 1; p <= order; ++p) {
    const double d = defect(t, w, p);
    if (!(d < kRoundOff))
      return fail(std::string(what) + " states order " + std::to_string(order) +
                  ", but misses a condition of order " + std::to_string(p) + " by " + text("%.3g", d));
    worst = std::max(worst, d);
  }
  const double next = defect(t, w, order + 1);
  if (next < kMiss)
    return fail(std::string(what) + " states order " + std::to_string(order) + ", but has order " +
                std::to_string(order + 1));
  return pass(std::to_string(order) + text(", to %.1e;", worst) + text(" of the next order %.1e", next));
}

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
double stable_down_to(const odeon_tableau& t, double limit) {
  constexpr double kStep = 1.047, kSlack = 1e-9;
  double x = 1e-3;
  for (; x < limit; x *= kStep)
    if (!(std::abs(stability_function(t, -x)) <= 1 + kSlack)) break;
  return x / kStep;
}

}  // namespace

Finding order_conditions_hold(const Subject& s) {
  const odeon_tableau* t = s.api<odeon_solver_api>().tableau;
  return t ? has_order(*t, row(t->b, *t), t->order, "b") : skip(kNoTableau);
}

Finding embedded_row_has_its_order(const Subject& s) {
  const odeon_tableau* t = s.api<odeon_solver_api>().tableau;
  if (!t) return skip(kNoTableau);
  if (!t->b_hat) return skip("it has no embedded row");
  return has_order(*t, row(t->b_hat, *t), t->embedded_order, "b_hat");
}

Finding dense_output_has_its_order(const Subject& s) {
  const odeon_tableau* t = s.api<odeon_solver_api>().tableau;
  if (!t) return skip(kNoTableau);
  if (!t->dense || t->dense_degree < 1) return skip("it has none of its own");
  const auto weights = [&](double x) {
    std::vector<double> w(static_cast<size_t>(t->stages));
    for (int i = 0; i < t->stages; ++i)
      for (int d = t->dense_degree; d-- > 0;)
        w[size_t(i)] = (w[size_t(i)] + t->dense[i * t->dense_degree + d]) * x;
    return w;
  };
  const std::vector<double> end = weights(1);
  for (int i = 0; i < t->stages; ++i)
    if (!(std::abs(end[size_t(i)] - t->b[i]) < kRoundOff))
      return fail("at the end of the step stage " + std::to_string(i) +
                  text(" has the weight %.17g", end[size_t(i)]) + text(", b has %.17g", t->b[i]));
  double worst = 0;
  for (const double x : {0.2, 0.5, 0.9})
    for (int p = 1; p <= t->dense_order; ++p) {
      const double d = defect(*t, weights(x), p, x);
      if (!(d < kRoundOff))
        return fail("dense_order is " + std::to_string(t->dense_order) + text(", but at x = %.1f", x) +
                    " a condition of order " + std::to_string(p) + text(" is missed by %.3g", d));
      worst = std::max(worst, d);
    }
  return pass(std::to_string(t->dense_order) + text(", to %.1e", worst));
}

Finding is_stable(const Subject& s) {
  const odeon_tableau* t = s.api<odeon_solver_api>().tableau;
  if (!t) return skip(kNoTableau);
  // R(z) - e^z is C z^(p+1) near zero with a constant about one or below.
  const double h = t->order > 6 ? 0.5 : 0.1;
  for (const std::complex<double> z : {std::complex(-h, 0.), std::complex(0., h), std::complex(-h, h)}) {
    const double d = std::abs(stability_function(*t, z) - std::exp(z));
    if (!(d <= 10 * std::pow(std::abs(z), t->order + 1) + kRoundOff))
      return fail("R(z) differs from exp(z) by" + text(" %.3g near zero", d));
  }
  constexpr double kFar = 1e8;
  const double reach = stable_down_to(*t, kFar);
  char figure[64];
  std::snprintf(figure, sizeof figure, "|R(z)| <= 1 for z from 0 down to -%.3g", reach);
  if (Method(*t, s.component->id).is_explicit()) return reach > 0.01 ? pass(figure) : fail(figure);
  if (reach * 1.1 < kFar)
    return fail(std::string(figure) + ", and an implicit method should not limit the step");
  return pass(std::string(figure) + text(", |R(-inf)| about %.2g", std::abs(stability_function(*t, -kFar))));
}

}  // namespace odeon::host::conformance
