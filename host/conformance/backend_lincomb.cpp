#include <cmath>

#include "conformance/backend_case.hpp"
#include "conformance/backend_maths.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host::conformance {
namespace {

struct Shape {
  int64_t rows, columns;
  int terms;
  bool with_base, per_row;
};

std::string described(const Shape& k, int32_t dtype) {
  return std::to_string(k.terms) + " terms of [" + std::to_string(k.rows) + ", " + std::to_string(k.columns) +
         "]" + (dtype == ODEON_F32 ? " in f32" : " in f64") + (k.with_base ? " with base" : "") +
         (k.per_row ? ", a scale for each row" : "");
}

std::vector<double> coefficients(int terms) {
  std::vector<double> c;
  for (int i = 0; i < terms; ++i) c.push_back(std::cos(1.0 + i));
  return c;
}

// Rounding of the products and sums, element by element, relative to the sum of magnitudes.
template <class T>
bool is_right(BackendCase& c, const Shape& k) {
  const int64_t size = k.rows * k.columns;
  const std::vector<double> w = coefficients(k.terms),
                            scales = values<double>(std::max<int64_t>(k.rows, 1), 9);
  std::vector<std::vector<T>> x;
  std::vector<odeon_tensor> terms;
  for (int i = 0; i < k.terms; ++i) {
    x.push_back(values<T>(size, uint32_t(100 + i)));
    terms.push_back(c.tensor(x.back(), {k.rows, k.columns}));
  }
  const std::vector<T> base = values<T>(size, 7);
  const odeon_tensor b = c.tensor(base, {k.rows, k.columns}),
                     z = c.tensor(values<T>(size, 8), {k.rows, k.columns});
  const odeon_scalar scale = k.per_row ? odeon_scalar{0, c.upload(scales), 1} : host_scalar(scales[0]);
  call(c->name(), c->api().lincomb, c->queue(), &z, k.with_base ? &b : nullptr, scale, k.terms, w.data(),
       terms.data());
  const std::vector<T> found = c.download<T>(z);
  for (size_t at = 0; at < found.size(); ++at) {
    const double h = scales[k.per_row ? at / size_t(k.columns) : 0];
    double expected = k.with_base ? double(base[at]) : 0, magnitude = std::abs(expected);
    for (size_t i = 0; i < x.size(); ++i) {
      expected += h * w[i] * double(x[i][at]);
      magnitude += std::abs(h * w[i] * double(x[i][at]));
    }
    if (!(std::abs(double(found[at]) - expected) <= (k.terms + 2) * kEpsilon<T> * magnitude)) return false;
  }
  return true;
}

std::string wrong_shape(BackendCase& c, const Shape& k) {
  if (!is_right<double>(c, k)) return described(k, ODEON_F64);
  if (!is_right<float>(c, k)) return described(k, ODEON_F32);
  return "";
}

// z may be the base (over = -1) or a term.
bool right_in_place(const Subject& s, int terms, int over) {
  BackendCase c(s);
  constexpr int64_t kSize = 1537;
  const std::vector<double> w(static_cast<size_t>(terms), 0.5);
  std::vector<odeon_tensor> x;
  for (int i = 0; i < terms; ++i) x.push_back(c.tensor(values<double>(kSize, uint32_t(i)), {kSize}));
  const odeon_tensor base = c.tensor(values<double>(kSize, 99), {kSize}),
                     apart = c.tensor(values<double>(kSize, 98), {kSize});
  const auto run = [&](const odeon_tensor& z) {
    c->lincomb(z, &base, 0.1, w, x);
    return c.download<double>(z);
  };
  const std::vector<double> expected = run(apart);
  return run(over < 0 ? base : x[size_t(over)]) == expected;
}

}  // namespace

Finding lincomb_is_right(const Subject& s) {
  for (const int64_t size : kSizes) {
    BackendCase c(s);
    for (const Shape& k : {Shape{1, size, 7, true, false}, Shape{size, 1, 3, false, true}})
      if (const std::string wrong = wrong_shape(c, k); !wrong.empty()) return fail("wrong for " + wrong);
  }
  for (const int terms : {0, 1, 2, 5, 8, 9, 17, 64})
    for (const bool with_base : {false, true}) {
      BackendCase c(s);
      if (const std::string wrong = wrong_shape(c, {3, 37, terms, with_base, with_base}); !wrong.empty())
        return fail("wrong for " + wrong);
    }
  for (const int terms : {1, 4, 9})
    for (int over = -1; over < terms; ++over)
      if (!right_in_place(s, terms, over))
        return fail("wrong when the result is " + (over < 0 ? "the base" : "term " + std::to_string(over)) +
                    " of " + std::to_string(terms) + " terms");
  BackendCase c(s);
  std::vector<double> x = values<double>(100, 1);
  x[37] = std::nan("");
  const odeon_tensor from = c.tensor(x, {100}), to = c.tensor(x, {100});
  const double one[] = {1};
  c->lincomb(to, nullptr, 1, one, {&from, 1});
  const std::vector<double> found = c.download<double>(to);
  for (size_t i = 0; i < found.size(); ++i)
    if (std::isnan(found[i]) != (i == 37)) return fail("a NaN does not stay in its own element");
  return pass("");
}

}  // namespace odeon::host::conformance
