#include <algorithm>
#include <cmath>

#include "conformance/backend_case.hpp"
#include "conformance/backend_maths.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host::conformance {
namespace {

// Both sides sum in double or compensate; n eps / 2 bounds either order of summation.
double sum_bound(int64_t n) { return double(n) * kEpsilon<double> * double(n + 1); }

double reduced(BackendCase& c, int32_t operation, const odeon_tensor& x) {
  double* to = c.room(1);
  call(c->name(), c->api().reduce, c->queue(), operation, &x, to);
  return c.download<double>(to, 1)[0];
}

template <class T>
std::string wrong_reduction(BackendCase& c, int64_t size) {
  const std::vector<T> x = values<T>(size, 3);
  const odeon_tensor on = c.tensor(x, {size});
  double sum = 0, most = -INFINITY, least = INFINITY;
  for (const T v : x) sum += double(v), most = std::max(most, double(v)), least = std::min(least, double(v));
  const std::string of = " of " + std::to_string(size) + " elements";
  if (!(std::abs(reduced(c, ODEON_REDUCE_SUM, on) - sum) <= sum_bound(size))) return "the sum" + of;
  if (reduced(c, ODEON_REDUCE_MAX, on) != most) return "the maximum" + of;
  if (reduced(c, ODEON_REDUCE_MIN, on) != least) return "the minimum" + of;
  return "";
}

template <class T>
bool dot_right(BackendCase& c, int64_t size) {
  const std::vector<T> x = values<T>(size, 3), y = values<T>(size, 4);
  const odeon_tensor a = c.tensor(x, {size}), b = c.tensor(y, {size});
  double expected = 0;
  for (size_t i = 0; i < x.size(); ++i) expected += double(x[i]) * double(y[i]);
  double* to = c.room(1);
  call(c->name(), c->api().dot, c->queue(), &a, &b, to);
  return std::abs(c.download<double>(to, 1)[0] - expected) <= sum_bound(size);
}

template <class T>
bool select_right(BackendCase& c, int64_t columns, int in_place) {
  constexpr int64_t kRows = 33;
  const std::vector<T> a = values<T>(kRows * columns, 1), b = values<T>(kRows * columns, 2);
  std::vector<uint8_t> mask(kRows);
  for (size_t r = 0; r < mask.size(); ++r) mask[r] = r % 3 == 0 ? 2 : 0;
  std::vector<T> expected = b;
  for (size_t i = 0; i < expected.size(); ++i)
    if (mask[i / size_t(columns)]) expected[i] = a[i];
  const odeon_tensor x = c.tensor(a, {kRows, columns}), y = c.tensor(b, {kRows, columns}),
                     apart = c.tensor(a, {kRows, columns});
  const odeon_tensor& z = in_place == 0 ? apart : in_place == 1 ? x : y;
  call(c->name(), c->api().select, c->queue(), &z, c.upload(mask), &x, &y);
  return c.download<T>(z) == expected;
}

}  // namespace

Finding reduce_is_right(const Subject& s) {
  BackendCase c(s);
  for (const int64_t size : kSizes) {
    std::string wrong = wrong_reduction<double>(c, size);
    if (wrong.empty()) wrong = wrong_reduction<float>(c, size);
    if (!wrong.empty()) return fail(wrong + " is wrong");
  }
  for (const size_t at : {size_t(0), size_t(4), size_t(8999), size_t(9000)}) {
    std::vector<double> x = values<double>(9001, 3);
    x[at] = std::nan("");
    const odeon_tensor on = c.tensor(x, {9001});
    for (const int32_t operation : {ODEON_REDUCE_SUM, ODEON_REDUCE_MAX, ODEON_REDUCE_MIN})
      if (!std::isnan(reduced(c, operation, on)))
        return fail("a NaN does not show in operation " + std::to_string(operation));
  }
  return pass("");
}

Finding dot_is_right(const Subject& s) {
  BackendCase c(s);
  for (const int64_t size : kSizes)
    if (!dot_right<double>(c, size) || !dot_right<float>(c, size))
      return fail("wrong for " + std::to_string(size) + " elements");
  return pass("");
}

Finding select_is_right(const Subject& s) {
  BackendCase c(s);
  for (const int64_t columns : {0, 1, 3, 257})
    for (const int in_place : {0, 1, 2})
      if (!select_right<double>(c, columns, in_place) || !select_right<float>(c, columns, in_place))
        return fail("wrong for rows of " + std::to_string(columns) + (in_place ? ", in place" : ""));
  return pass("");
}

}  // namespace odeon::host::conformance
