#include "conformance/solver_tableau.hpp"

#include <cmath>
#include <cstdio>

#include "conformance/numbers.hpp"
#include "conformance/order_conditions.hpp"
#include "conformance/subject.hpp"

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

// Of the dense output at x.
std::vector<double> weights_at(const odeon_tableau& t, double x) {
  std::vector<double> w(static_cast<size_t>(t.stages));
  for (int i = 0; i < t.stages; ++i)
    for (int d = t.dense_degree; d-- > 0;)
      w[size_t(i)] = (w[size_t(i)] + t.dense[i * t.dense_degree + d]) * x;
  return w;
}
constexpr double kInside[] = {0.2, 0.5, 0.9};

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
  const std::vector<double> end = weights_at(*t, 1);
  for (int i = 0; i < t->stages; ++i)
    if (!(std::abs(end[size_t(i)] - t->b[i]) < kRoundOff))
      return fail("at the end of the step stage " + std::to_string(i) +
                  text(" has the weight %.17g", end[size_t(i)]) + text(", b has %.17g", t->b[i]));
  double worst = 0;
  for (const double x : kInside)
    for (int p = 1; p <= t->dense_order; ++p) {
      const double d = defect(*t, weights_at(*t, x), p, x);
      if (!(d < kRoundOff))
        return fail("dense_order is " + std::to_string(t->dense_order) + text(", but at x = %.1f", x) +
                    " a condition of order " + std::to_string(p) + text(" is missed by %.3g", d));
      worst = std::max(worst, d);
    }
  return pass(std::to_string(t->dense_order) + text(", to %.1e", worst));
}

Finding additive_conditions_hold(const Subject& s) {
  const odeon_tableau* t = s.api<odeon_solver_api>().tableau;
  if (!t) return skip(kNoTableau);
  if (!companion(*t)) return skip("it is not additive");
  double worst = 0;
  std::string missed;
  const auto look = [&](const std::vector<double>& w, int order, double x, const char* what) {
    for (int p = 1; p <= order; ++p) {
      const double d = additive_defect(*t, w, p, x);
      if (!(d < kRoundOff) && missed.empty())
        missed = std::string(what) + " misses a condition of order " + std::to_string(p) +
                 text(" by %.3g", d) + " where a and a_explicit mix";
      worst = std::max(worst, d);
    }
  };
  look(row(t->b, *t), t->order, 1, "b");
  if (t->b_hat) look(row(t->b_hat, *t), t->embedded_order, 1, "b_hat");
  for (const double x : kInside)
    if (t->dense && t->dense_degree > 0) look(weights_at(*t, x), t->dense_order, x, "dense");
  return missed.empty() ? pass(std::to_string(t->order) + text(", to %.1e", worst)) : fail(missed);
}

}  // namespace odeon::host::conformance
