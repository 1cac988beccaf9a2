#include <cmath>

#include "conformance/backend_case.hpp"
#include "conformance/backend_maths.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host::conformance {
namespace {

struct NormCase {
  int32_t norm;
  bool per_row, with_y1, vectors, row_scale;
};

constexpr double kRtol = 1e-3, kAtol = 2e-3, kScale = 0.25;
constexpr double kWeights[] = {0.3, -0.7, 0.11};

template <class T>
struct NormData {
  std::vector<T> x[3], y0, y1;
  std::vector<double> rtol, atol, scales;

  NormData(int64_t rows, int64_t columns)
      : y0(values<T>(rows * columns, 30)),
        y1(values<T>(rows * columns, 31)),
        rtol(values<double>(columns, 32)),
        atol(values<double>(columns, 33)),
        scales(values<double>(std::max<int64_t>(rows, 1), 34)) {
    for (uint32_t i = 0; i < 3; ++i) x[i] = values<T>(rows * columns, 20 + i);
    for (double& v : rtol) v = kRtol * (1 + std::abs(v));
    for (double& v : atol) v = kAtol * (1 + std::abs(v));
  }
};

template <class T>
std::vector<double> by_loops(const NormData<T>& d, int64_t rows, int64_t columns, const NormCase& k) {
  const size_t results = k.per_row ? size_t(rows) : 1;
  std::vector<double> sum(results), most(results);
  for (size_t i = 0; i < d.y0.size(); ++i) {
    const size_t row = i / size_t(columns), column = i % size_t(columns), group = k.per_row ? row : 0;
    double e = 0;
    for (size_t m = 0; m < 3; ++m) e += kWeights[m] * double(d.x[m][i]);
    e *= k.row_scale ? d.scales[row] : kScale;
    const double y = std::max(std::abs(double(d.y0[i])), k.with_y1 ? std::abs(double(d.y1[i])) : 0);
    const double q =
        std::abs(e) / ((k.vectors ? d.atol[column] : kAtol) + (k.vectors ? d.rtol[column] : kRtol) * y);
    sum[group] += q * q;
    most[group] = std::max(most[group], q);
  }
  if (k.norm == ODEON_NORM_MAX) return most;
  const int64_t count = k.per_row ? columns : rows * columns;
  for (double& v : sum) v = count > 0 ? std::sqrt(v / double(count)) : 0;
  return sum;
}

template <class T>
std::vector<double> by_backend(BackendCase& c, const NormData<T>& d, int64_t rows, int64_t columns,
                               const NormCase& k) {
  const std::vector<int64_t> shape{rows, columns};
  const odeon_tensor terms[] = {c.tensor(d.x[0], shape), c.tensor(d.x[1], shape), c.tensor(d.x[2], shape)},
                     y0 = c.tensor(d.y0, shape), y1 = c.tensor(d.y1, shape);
  odeon_error_norm_args a{};
  a.struct_size = sizeof a;
  a.norm = k.norm;
  a.per_row = k.per_row;
  a.n_terms = 3;
  a.coefficients = kWeights;
  a.terms = terms;
  a.scale = k.row_scale ? odeon_scalar{0, c.upload(d.scales), 1} : host_scalar(kScale);
  a.y0 = &y0;
  a.y1 = k.with_y1 ? &y1 : nullptr;
  a.rtol = kRtol, a.atol = kAtol;
  if (k.vectors) a.rtol_vector = c.upload(d.rtol), a.atol_vector = c.upload(d.atol);
  const int64_t results = k.per_row ? rows : 1;
  double* to = c.room(results);
  call(c->name(), c->api().error_norm, c->queue(), &a, to);
  return c.download<double>(to, results);
}

template <class T>
bool is_right(const Subject& s, int64_t rows, int64_t columns, const NormCase& k) {
  BackendCase c(s);
  const NormData<T> d(rows, columns);
  const std::vector<double> found = by_backend(c, d, rows, columns, k),
                            expected = by_loops(d, rows, columns, k);
  for (size_t i = 0; i < found.size(); ++i)
    // The terms may cancel, so the bound is on the largest quotient, not on the result.
    if (!(std::abs(found[i] - expected[i]) <=
          8 * kEpsilon<T> * (expected[i] + 1 / kAtol) + 1e-13 * expected[i]))
      return false;
  return true;
}

std::string described(const NormCase& k, int64_t rows, int64_t columns) {
  return std::string(k.norm == ODEON_NORM_MAX ? "the maximum" : "the RMS") + " norm of [" +
         std::to_string(rows) + ", " + std::to_string(columns) + "]" + (k.per_row ? " per row" : "") +
         (k.with_y1 ? "" : " without y1") + (k.vectors ? ", a tolerance for each element" : "") +
         (k.row_scale ? ", a scale for each row" : "");
}

// With one element of the error or of y0 replaced.
double norm_with(BackendCase& c, int32_t norm, bool in_error, size_t at, double value) {
  std::vector<double> e(301, 0.5), y(301, 1.0);
  (in_error ? e : y)[at] = value;
  const odeon_tensor term = c.tensor(e, {301}), y0 = c.tensor(y, {301});
  const double one = 1;
  odeon_error_norm_args a{};
  a.struct_size = sizeof a;
  a.norm = norm;
  a.n_terms = 1;
  a.coefficients = &one;
  a.terms = &term;
  a.scale = host_scalar(1);
  a.y0 = a.y1 = &y0;
  a.rtol = a.atol = 1e-3;
  double* to = c.room(1);
  call(c->name(), c->api().error_norm, c->queue(), &a, to);
  return c.download<double>(to, 1)[0];
}

}  // namespace

Finding error_norm_is_right(const Subject& s) {
  for (const int32_t norm : {ODEON_NORM_RMS, ODEON_NORM_MAX}) {
    for (int bits = 0; bits < 16; ++bits) {
      const NormCase k{norm, bool(bits & 1), bool(bits & 2), bool(bits & 4), bool(bits & 8)};
      if (!is_right<double>(s, 5, 259, k)) return fail("wrong for " + described(k, 5, 259));
      if (!is_right<float>(s, 3, 7, k)) return fail("wrong in f32 for " + described(k, 3, 7));
      if (!is_right<double>(s, 3, 0, k)) return fail("wrong for " + described(k, 3, 0));
    }
    const NormCase plain{norm, false, true, false, false};
    for (const int64_t size : kSizes)
      if (!is_right<double>(s, 1, size, plain)) return fail("wrong for " + described(plain, 1, size));
    BackendCase c(s);
    for (const double bad : {std::nan(""), double(INFINITY), -double(INFINITY)})
      for (const size_t at : {size_t(0), size_t(5), size_t(300)})
        for (const bool in_error : {false, true})
          if (std::isfinite(norm_with(c, norm, in_error, at, bad)))
            return fail("an element that is not finite does not show in " + described(plain, 1, 301));
  }
  return pass("");
}

}  // namespace odeon::host::conformance
