// Every required slot of odeon_backend_api against its definition, on every backend.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "plugins/backends/device.hpp"

using namespace odeon;
using namespace odeon::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Odd, empty, around vector widths, blocks and chunks, and large enough for several threads.
const std::vector<int64_t> kSizes{0, 1, 2, 3, 7, 8, 17, 255, 257, 513, 8191, 8193, 100003};

template <class T>
double epsilon() {
  return double(std::numeric_limits<T>::epsilon());
}

template <class T>
std::vector<T> numbers(int64_t count, uint32_t seed) {
  std::mt19937 engine(seed);
  std::vector<T> out(static_cast<size_t>(count));
  for (T& x : out) x = T(double(engine()) / 2147483648.0 - 1.0);
  return out;
}

// Rounding of n_terms products and sums, element by element, relative to the sum of magnitudes.
template <class T>
void check_lincomb(Device& device, int64_t rows, int64_t columns, int n_terms, bool with_base, bool per_row) {
  const int64_t size = rows * columns;
  std::vector<std::vector<T>> x;
  std::vector<odeon_tensor> terms;
  std::vector<double> c;
  for (int i = 0; i < n_terms; ++i) {
    x.push_back(numbers<T>(size, uint32_t(100 + i)));
    terms.push_back(device.tensor(x.back(), {rows, columns}));
    c.push_back(std::cos(1.0 + i));
  }
  const auto base = numbers<T>(size, 7);
  const odeon_tensor base_on = device.tensor(base, {rows, columns});
  const odeon_tensor z = device.tensor(numbers<T>(size, 8), {rows, columns});
  const auto scales = numbers<double>(std::max<int64_t>(rows, 1), 9);
  const odeon_scalar scale =
      per_row ? odeon_scalar{0, device.upload(scales), 1} : odeon_scalar{scales[0], nullptr, 0};
  REQUIRE(device.api().lincomb(device.queue(), &z, with_base ? &base_on : nullptr, scale, n_terms, c.data(),
                               terms.data()) == ODEON_OK);
  const auto got = device.download<T>(z);
  device.release_all();
  int64_t wrong = 0;
  for (int64_t at = 0; at < size; ++at) {
    const double s = scales[size_t(per_row ? at / columns : 0)];
    double expected = with_base ? double(base[size_t(at)]) : 0, magnitude = std::fabs(expected);
    for (int i = 0; i < n_terms; ++i) {
      expected += s * c[size_t(i)] * double(x[size_t(i)][size_t(at)]);
      magnitude += std::fabs(s * c[size_t(i)] * double(x[size_t(i)][size_t(at)]));
    }
    wrong += !(std::fabs(double(got[size_t(at)]) - expected) <= (n_terms + 2) * epsilon<T>() * magnitude);
  }
  CHECK(wrong == 0);
}

struct NormCase {
  int32_t norm;
  bool per_row, with_y1, vectors, row_scale;
};

template <class T>
void check_error_norm(Device& device, int64_t rows, int64_t columns, const NormCase& k) {
  CAPTURE(k.norm);
  CAPTURE(k.per_row);
  CAPTURE(k.vectors);
  const int64_t size = rows * columns;
  const std::vector<double> c{0.3, -0.7, 0.11};
  std::vector<std::vector<T>> x;
  std::vector<odeon_tensor> terms;
  for (uint32_t i = 0; i < 3; ++i) {
    x.push_back(numbers<T>(size, 20 + i));
    terms.push_back(device.tensor(x.back(), {rows, columns}));
  }
  const auto y0 = numbers<T>(size, 30), y1 = numbers<T>(size, 31);
  const odeon_tensor y0_on = device.tensor(y0, {rows, columns}), y1_on = device.tensor(y1, {rows, columns});
  auto rtol = numbers<double>(columns, 32), atol = numbers<double>(columns, 33);
  for (double& v : rtol) v = 1e-3 + 1e-3 * std::fabs(v);
  for (double& v : atol) v = 1e-3 + 1e-3 * std::fabs(v);
  const auto scales = numbers<double>(std::max<int64_t>(rows, 1), 34);
  odeon_error_norm_args p{};
  p.struct_size = sizeof p;
  p.norm = k.norm;
  p.per_row = k.per_row;
  p.n_terms = 3;
  p.coefficients = c.data();
  p.terms = terms.data();
  p.scale = k.row_scale ? odeon_scalar{0, device.upload(scales), 1} : odeon_scalar{0.25, nullptr, 0};
  p.y0 = &y0_on;
  p.y1 = k.with_y1 ? &y1_on : nullptr;
  p.rtol = 1e-3;
  p.atol = 2e-3;
  if (k.vectors) p.rtol_vector = device.upload(rtol), p.atol_vector = device.upload(atol);
  const int64_t n_results = k.per_row ? rows : 1;
  auto* result = device.upload(std::vector<double>(size_t(n_results), -1.0));
  REQUIRE(device.api().error_norm(device.queue(), &p, result) == ODEON_OK);
  const auto got = device.download<double>(result, n_results);
  device.release_all();

  std::vector<double> sum(size_t(n_results), 0.0), max(size_t(n_results), 0.0);
  for (int64_t at = 0; at < size; ++at) {
    const size_t i = size_t(at), j = size_t(at % columns), r = size_t(at / columns);
    double e = 0;
    for (size_t m = 0; m < 3; ++m) e += c[m] * double(x[m][i]);
    e *= k.row_scale ? scales[r] : 0.25;
    const double y = std::max(std::fabs(double(y0[i])), k.with_y1 ? std::fabs(double(y1[i])) : 0.0);
    const double q = std::fabs(e / ((k.vectors ? atol[j] : 2e-3) + (k.vectors ? rtol[j] : 1e-3) * y));
    sum[k.per_row ? r : 0] += q * q;
    max[k.per_row ? r : 0] = std::max(max[k.per_row ? r : 0], q);
  }
  const int64_t count = k.per_row ? columns : size;
  for (size_t r = 0; r < size_t(n_results); ++r) {
    const double expected = k.norm == ODEON_NORM_MAX ? max[r] : count ? std::sqrt(sum[r] / double(count)) : 0;
    // The three terms may cancel, so the bound is on the largest quotient, not on the result.
    CHECK(std::fabs(got[r] - expected) <= 8 * epsilon<T>() * (expected + 1 / 2e-3) + 1e-13 * expected);
  }
}

template <class T>
double error_norm_of(Device& device, const std::vector<T>& e, const std::vector<T>& y, int32_t norm) {
  const odeon_tensor term = device.tensor(e, {int64_t(e.size())}), y0 = device.tensor(y, {int64_t(y.size())});
  const double one = 1;
  odeon_error_norm_args p{};
  p.struct_size = sizeof p;
  p.norm = norm;
  p.n_terms = 1;
  p.coefficients = &one;
  p.terms = &term;
  p.scale = host_scalar(1);
  p.y0 = &y0;
  p.y1 = &y0;
  p.rtol = p.atol = 1e-3;
  auto* result = device.upload(std::vector<double>{0.0});
  REQUIRE(device.api().error_norm(device.queue(), &p, result) == ODEON_OK);
  const double norm_found = device.download<double>(result, 1)[0];
  device.release_all();
  return norm_found;
}

double reduced(Device& device, int32_t operation, const odeon_tensor& x) {
  auto* result = device.upload(std::vector<double>{-7.0});
  REQUIRE(device.api().reduce(device.queue(), operation, &x, result) == ODEON_OK);
  return device.download<double>(result, 1)[0];
}

}  // namespace

TEST_CASE("the backend that was asked for is the one that runs") {
  on_every_backend([](Device& device, const std::string& id) {
    odeon_backend_info info{};
    info.struct_size = sizeof info;
    REQUIRE(device.api().info(device.handle(), &info) == ODEON_OK);
    CHECK(std::string(to_view(info.device)).find(id) != std::string::npos);
    if (id == "cpu") CHECK(info.threads == 2);
  });
}

TEST_CASE("memory is aligned to 64 bytes, and no bytes are NULL") {
  on_every_backend([](Device& device, const std::string&) {
    for (int64_t bytes : {1, 63, 64, 1000}) CHECK(reinterpret_cast<uintptr_t>(device.alloc(bytes)) % 64 == 0);
    CHECK(device.alloc(0) == nullptr);
    void* memory = nullptr;
    CHECK(device.api().alloc(device.handle(), int64_t{1} << 60, &memory) == ODEON_E_NO_MEMORY);
    CHECK(last_error().find(std::to_string(int64_t{1} << 60)) != std::string::npos);
  });
}

TEST_CASE("fill writes every element and nothing else") {
  on_every_backend([](Device& device, const std::string&) {
    for (int64_t size : kSizes) {
      auto values = numbers<float>(size + 2, 1);
      odeon_tensor x = device.tensor(values, {size + 2});
      odeon_tensor inner = make_tensor(data<float>(x) + 1, ODEON_F32, {size});
      REQUIRE(device.api().fill(device.queue(), &inner, 2.5) == ODEON_OK);
      std::fill(values.begin() + 1, values.end() - 1, 2.5f);
      CHECK(device.download<float>(x) == values);
    }
  });
}

TEST_CASE("lincomb is base plus scaled sum for every number of terms") {
  on_every_backend([](Device& device, const std::string&) {
    for (int n_terms : {0, 1, 2, 3, 5, 7, 8, 9, 13, 16, 17, 64})
      for (bool with_base : {false, true}) {
        check_lincomb<double>(device, 3, 37, n_terms, with_base, false);
        check_lincomb<float>(device, 3, 37, n_terms, with_base, true);
        check_lincomb<double>(device, 5, 1031, n_terms, with_base, true);
        check_lincomb<double>(device, 401, 3, n_terms, with_base, true);
        check_lincomb<float>(device, 67, 31, n_terms, with_base, true);
      }
  });
}

TEST_CASE("lincomb is right at every size, empty ones included") {
  on_every_backend([](Device& device, const std::string&) {
    for (int64_t size : kSizes) {
      check_lincomb<double>(device, 1, size, 7, true, false);
      check_lincomb<float>(device, size, 1, 3, false, true);
    }
  });
}

TEST_CASE("lincomb may write over its base or over any term") {
  on_every_backend([](Device& device, const std::string&) {
    for (int n_terms : {1, 4, 9, 20})
      for (int over = -1; over < n_terms; ++over)
        for (const int64_t columns : {3, 1537}) {
          const int64_t rows = columns == 3 ? 500 : 1, size = rows * columns;
          const std::vector<double> c(size_t(n_terms), 0.5);
          const auto tensor = [&](uint32_t seed) {
            return device.tensor(numbers<double>(size, seed), {rows, columns});
          };
          std::vector<odeon_tensor> terms;
          for (int i = 0; i < n_terms; ++i) terms.push_back(tensor(uint32_t(i)));
          const odeon_tensor base = tensor(99), apart = tensor(98);
          const odeon_scalar scale{0, device.upload(numbers<double>(rows, 97)), 1};
          const auto run = [&](const odeon_tensor& z) {
            REQUIRE(device.api().lincomb(device.queue(), &z, &base, scale, n_terms, c.data(), terms.data()) ==
                    ODEON_OK);
            return device.download<double>(z);
          };
          const auto expected = run(apart);
          CHECK(run(over < 0 ? base : terms[size_t(over)]) == expected);
          device.release_all();
        }
  });
}

TEST_CASE("a NaN spoils its own element of lincomb and no other") {
  on_every_backend([](Device& device, const std::string&) {
    auto values = numbers<double>(100, 1);
    values[37] = std::nan("");
    const odeon_tensor x = device.tensor(values, {100}), z = device.tensor(values, {100});
    const double one = 1;
    REQUIRE(device.api().lincomb(device.queue(), &z, nullptr, host_scalar(1), 1, &one, &x) == ODEON_OK);
    const auto got = device.download<double>(z);
    for (size_t i = 0; i < 100; ++i) CHECK(std::isnan(got[i]) == (i == 37));
  });
}

TEST_CASE("error_norm is its definition, for both norms, with scalars, vectors and rows") {
  on_every_backend([](Device& device, const std::string&) {
    for (int32_t norm : {ODEON_NORM_RMS, ODEON_NORM_MAX})
      for (bool per_row : {false, true})
        for (bool with_y1 : {false, true})
          for (bool vectors : {false, true})
            for (bool row_scale : {false, true}) {
              const NormCase k{norm, per_row, with_y1, vectors, row_scale};
              check_error_norm<double>(device, 5, 259, k);
              check_error_norm<float>(device, 3, 7, k);
              check_error_norm<double>(device, 401, 3, k);
              check_error_norm<float>(device, 67, 31, k);
              check_error_norm<double>(device, 2, 20000, k);
              check_error_norm<double>(device, 3, 0, k);
            }
    for (int64_t size : kSizes)
      check_error_norm<double>(device, 1, size, {ODEON_NORM_RMS, false, true, false, false});
  });
}

TEST_CASE("one element that is not finite makes error_norm not finite") {
  on_every_backend([](Device& device, const std::string&) {
    for (double bad : {std::nan(""), kInfinity, -kInfinity})
      for (int32_t norm : {ODEON_NORM_RMS, ODEON_NORM_MAX})
        for (size_t at : {size_t(0), size_t(5), size_t(299), size_t(300)})
          for (bool in_error : {false, true}) {
            std::vector<double> e(301, 0.5), y(301, 1.0);
            CHECK(std::isfinite(error_norm_of(device, e, y, norm)));
            (in_error ? e : y)[at] = bad;
            CHECK_FALSE(std::isfinite(error_norm_of(device, e, y, norm)));
          }
  });
}

TEST_CASE("reduce and dot agree with plain sums and extrema") {
  on_every_backend([](Device& device, const std::string&) {
    for (int64_t size : kSizes) {
      const auto x = numbers<float>(size, 3), y = numbers<float>(size, 4);
      const odeon_tensor on = device.tensor(x, {size}), y_on = device.tensor(y, {size});
      double sum = 0, dot = 0, max = -kInfinity, min = kInfinity;
      for (size_t i = 0; i < x.size(); ++i) {
        sum += double(x[i]);
        dot += double(x[i]) * double(y[i]);
        max = std::max(max, double(x[i]));
        min = std::min(min, double(x[i]));
      }
      // Both sides sum in double or compensate; n eps / 2 bounds either order of summation.
      const double bound = double(size) * epsilon<double>() * double(size + 1);
      CHECK(std::fabs(reduced(device, ODEON_REDUCE_SUM, on) - sum) <= bound);
      CHECK(reduced(device, ODEON_REDUCE_MAX, on) == max);
      CHECK(reduced(device, ODEON_REDUCE_MIN, on) == min);
      auto* result = device.upload(std::vector<double>{0.0});
      REQUIRE(device.api().dot(device.queue(), &on, &y_on, result) == ODEON_OK);
      CHECK(std::fabs(device.download<double>(result, 1)[0] - dot) <= bound);
    }
  });
}

TEST_CASE("a NaN anywhere makes a reduction NaN") {
  on_every_backend([](Device& device, const std::string&) {
    for (size_t at : {size_t(0), size_t(4), size_t(8999), size_t(9000)}) {
      auto x = numbers<double>(9001, 3);
      x[at] = std::nan("");
      const odeon_tensor on = device.tensor(x, {9001});
      for (int32_t operation : {ODEON_REDUCE_SUM, ODEON_REDUCE_MAX, ODEON_REDUCE_MIN})
        CHECK(std::isnan(reduced(device, operation, on)));
    }
  });
}

TEST_CASE("select takes whole rows by the mask, also in place") {
  on_every_backend([](Device& device, const std::string&) {
    for (int64_t columns : {0, 1, 3, 1000}) {
      const int64_t rows = 33;
      const auto a = numbers<double>(rows * columns, 1), b = numbers<double>(rows * columns, 2);
      std::vector<uint8_t> mask(static_cast<size_t>(rows));
      for (size_t r = 0; r < mask.size(); ++r) mask[r] = uint8_t(r % 3 == 0 ? 2 : 0);
      std::vector<double> expected = b;
      for (int64_t at = 0; at < rows * columns; ++at)
        if (mask[size_t(at / columns)]) expected[size_t(at)] = a[size_t(at)];
      const auto* mask_on = device.upload(mask);
      for (int in_place : {0, 1, 2}) {
        const odeon_tensor a_on = device.tensor(a, {rows, columns}), b_on = device.tensor(b, {rows, columns});
        const odeon_tensor apart = device.tensor(a, {rows, columns});
        const odeon_tensor& z = in_place == 0 ? apart : in_place == 1 ? a_on : b_on;
        REQUIRE(device.api().select(device.queue(), &z, mask_on, &a_on, &b_on) == ODEON_OK);
        CHECK(device.download<double>(z) == expected);
      }
    }
  });
}

TEST_CASE("wrong shapes, dtypes and counts are refused with a sentence") {
  on_every_backend([](Device& device, const std::string&) {
    const odeon_tensor x = device.tensor(numbers<double>(6, 1), {2, 3}),
                       y = device.tensor(numbers<double>(6, 1), {3, 2});
    const double one = 1;
    CHECK(device.api().lincomb(device.queue(), &x, nullptr, host_scalar(1), 1, &one, &y) == ODEON_E_INVALID);
    CHECK(last_error().find("lincomb") != std::string::npos);
    CHECK(device.api().lincomb(device.queue(), &x, nullptr, host_scalar(1), 65, &one, &x) == ODEON_E_INVALID);
    CHECK(last_error().find("65") != std::string::npos);
    odeon_tensor bytes = x;
    bytes.dtype = ODEON_U8;
    CHECK(device.api().fill(device.queue(), &bytes, 1) == ODEON_E_INVALID);
    CHECK(device.api().reduce(device.queue(), 9, &x, data<double>(y)) == ODEON_E_INVALID);
  });
}

TEST_CASE("one and two threads give the same bits") {
  for (int64_t size : {int64_t{8193}, int64_t{300007}}) {
    std::vector<double> results[2];
    for (int64_t threads : {1, 2}) {
      Device device(backend_plugin("cpu"), threads);
      auto& out = results[threads - 1];
      const auto x = numbers<double>(size, 1);
      const odeon_tensor on = device.tensor(x, {size}), z = device.tensor(x, {size});
      out.push_back(reduced(device, ODEON_REDUCE_SUM, on));
      const double c[2] = {0.1, 0.7};
      const odeon_tensor terms[2] = {on, on};
      REQUIRE(device.api().lincomb(device.queue(), &z, &on, host_scalar(0.3), 2, c, terms) == ODEON_OK);
      const auto zs = device.download<double>(z);
      out.insert(out.end(), zs.begin(), zs.end());
      out.push_back(error_norm_of(device, zs, x, ODEON_NORM_RMS));
    }
    CHECK(std::memcmp(results[0].data(), results[1].data(), results[0].size() * sizeof(double)) == 0);
  }
}
