#include "conformance/field_derivatives.hpp"

#include <cmath>

#include "conformance/field_case.hpp"

namespace odeon::host::conformance {
namespace {

constexpr int64_t kRows = 3;
constexpr const char* kNone = "it has neither lower nor vjp, and cannot be differentiated";
constexpr double kShift = 1e-5;
// Central differences: shift^2 f''' / 6 and round-off / shift, both about 1e-10 of the values.
constexpr double kDifferences = 1e-6;

Numbers zeros(int64_t count) { return Numbers(static_cast<size_t>(count)); }

double dot(const Numbers& x, const Numbers& y) {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

Numbers moved(const Numbers& x, double by, const Numbers& direction) {
  Numbers out = x;
  for (size_t i = 0; i < x.size(); ++i) out[i] += by * direction[i];
  return out;
}

// df in a direction of (y, θ, t), by central differences.
Numbers slope(FieldCase& c, const FieldData& d, const FieldData& u) {
  const auto at = [&](double by) {
    return c.eval({moved(d.y, by, u.y), moved(d.theta, by, u.theta), moved(d.t, by, u.t)});
  };
  const Numbers above = at(kShift), below = at(-kShift);
  Numbers out(above.size());
  for (size_t i = 0; i < out.size(); ++i) out[i] = (above[i] - below[i]) / (2 * kShift);
  return out;
}

// How far `found` is from v . df, relative to the sizes of the terms.
double miss(double found, const Numbers& v, const Numbers& df) {
  double size = 1e-3;
  for (size_t i = 0; i < v.size(); ++i) size += std::abs(v[i] * df[i]);
  const double d = std::abs(found - dot(v, df)) / size;
  return std::isfinite(d) ? d : INFINITY;
}

// Compares every product with slopes at one random place; the first that misses, as a sentence.
std::string wrong_product(FieldCase& c, uint32_t round, double& worst) {
  const int64_t n = kRows * c.row_elements(), m = c.field().parameter_count();
  const FieldData d = c.data(10 + round);
  const Numbers v = random_numbers(n, 20 + round, -1, 1), u = random_numbers(n, 30 + round, -1, 1),
                w = random_numbers(m, 40 + round, -1, 1);
  const FieldData still{zeros(n), zeros(m), zeros(kRows)};
  const VjpResult r = c.vjp(d, v);
  std::string wrong;
  const auto compare = [&](const char* what, double found, const Numbers& cotangent, const Numbers& df) {
    const double by = miss(found, cotangent, df);
    worst = std::max(worst, by);
    if (by > kDifferences && wrong.empty()) wrong = what + text("; it misses by %.2g of its size", by);
  };
  compare("gy is not v^T df/dy", dot(r.gy, u), v, slope(c, d, {u, still.theta, still.t}));
  if (m > 0)
    compare("gtheta is not the sum over the rows of v^T df/dtheta", dot(r.gtheta, w), v,
            slope(c, d, {still.y, w, still.t}));
  const Numbers by_t = slope(c, d, {still.y, still.theta, Numbers(kRows, 1.0)});
  for (int64_t row = 0; row < kRows; ++row) {  // each by itself
    Numbers only = v;
    for (int64_t i = 0; i < n; ++i)
      if (i / c.row_elements() != row) only[size_t(i)] = 0;
    compare("gt is not v^T df/dt of its row", r.gt[size_t(row)], only, by_t);
  }
  if (largest_difference(r.dy, c.eval(d)) > 1e-12 * largest(r.dy)) return "dy of vjp is not f";
  const FieldData at_once{d.y, d.theta, Numbers(kRows, d.t[0])};
  const Numbers ju = c.jvp(at_once, u);
  if (!ju.empty())
    compare("the graph's J u is not that of f", dot(ju, v), v, slope(c, at_once, {u, still.theta, still.t}));
  return wrong;
}

}  // namespace

Finding derivatives_are_slopes(const Subject& s) {
  FieldCase c(s, kRows);
  if (!c.field().differentiable()) return skip(kNone);
  double worst = 0;
  for (uint32_t round = 0; round < 3; ++round)
    if (const std::string wrong = wrong_product(c, round, worst); !wrong.empty()) return fail(wrong);
  return pass(text("to %.1e of differences", worst));
}

Finding write_modes_are_kept(const Subject& s) {
  FieldCase c(s, kRows);
  if (!c.field().differentiable()) return skip(kNone);
  const FieldData d = c.data(50);
  const Numbers v = random_numbers(kRows * c.row_elements(), 51, -1, 1);
  constexpr double kBefore = 3;
  const VjpResult good = c.vjp(d, v);
  struct Output {
    const char* name;
    int32_t VjpModes::*mode;
    Numbers VjpResult::*value;
  };
  for (const Output& o :
       {Output{"dy", &VjpModes::dy, &VjpResult::dy}, Output{"gy", &VjpModes::gy, &VjpResult::gy},
        Output{"gtheta", &VjpModes::gtheta, &VjpResult::gtheta},
        Output{"gt", &VjpModes::gt, &VjpResult::gt}}) {
    const Numbers& expected = good.*o.value;
    if (expected.empty()) continue;  // no parameters
    const double round_off = 1e-12 * (kBefore + largest(expected));
    // This output in each mode, once alone and once with the others.
    for (const int32_t others : {ODEON_WRITE_SKIP, ODEON_WRITE_OVERWRITE})
      for (const int32_t mode : {ODEON_WRITE_SKIP, ODEON_WRITE_OVERWRITE, ODEON_WRITE_ACCUMULATE}) {
        if (mode == ODEON_WRITE_SKIP && others == ODEON_WRITE_SKIP) continue;
        VjpModes modes{others, others, others, others, kBefore};
        modes.*o.mode = mode;
        const Numbers found = c.vjp(d, v, modes).*o.value;
        for (size_t i = 0; i < found.size(); ++i) {
          const double wanted = mode == ODEON_WRITE_SKIP         ? kBefore
                                : mode == ODEON_WRITE_ACCUMULATE ? kBefore + expected[i]
                                                                 : expected[i];
          if (std::abs(found[i] - wanted) <= round_off) continue;
          static constexpr const char* kModes[] = {"skipped", "overwritten", "added to"};
          return fail(std::string(o.name) + " is not " + kModes[mode] +
                      (others == ODEON_WRITE_SKIP ? " when the others are skipped" : " beside the others"));
        }
      }
  }
  return pass("");
}

}  // namespace odeon::host::conformance
