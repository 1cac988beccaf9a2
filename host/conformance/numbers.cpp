#include "conformance/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>

#include "data/array.hpp"

namespace odeon::host::conformance {

Numbers random_numbers(int64_t count, uint32_t seed, double low, double high) {
  std::mt19937 engine(seed);
  Numbers out(static_cast<size_t>(count));
  // A third of the last place: sums of numbers with few digits would be exact in any order.
  for (double& x : out) x = low + (high - low) * (double(engine()) + 1. / 3) / 4294967296.0;
  return out;
}

double largest(const Numbers& x) {
  double most = 0;
  for (const double e : x) most = std::max(most, std::abs(e));
  return most;
}

double largest_difference(const Numbers& x, const Numbers& y) {
  double most = 0;
  for (size_t i = 0; i < x.size(); ++i)
    most = std::isfinite(x[i] - y[i]) ? std::max(most, std::abs(x[i] - y[i])) : INFINITY;
  return most;
}

double root_mean_square(const Numbers& found, const Numbers& exact) {
  const size_t first = found.size() - exact.size();
  double sum = 0;
  for (size_t i = 0; i < exact.size(); ++i) {
    const double difference = found[first + i] - exact[i];
    sum += difference * difference;
  }
  return std::sqrt(sum / static_cast<double>(exact.size()));
}

DeviceTensor to_device(const std::shared_ptr<Backend>& backend, const std::vector<int64_t>& shape,
                       const Numbers& values, int32_t dtype) {
  DeviceTensor x(backend, dtype, shape);
  write(*backend, x, values);
  return x;
}

void write(Backend& backend, const DeviceTensor& to, const Numbers& values) {
  const Array cast = Array::of(values, {static_cast<int64_t>(values.size())}).cast(to.view.dtype);
  backend.upload(to.view.data, cast.bytes.data(), static_cast<int64_t>(cast.bytes.size()));
}

Numbers read(Backend& backend, const DeviceTensor& from) {
  Array a = Array::zeros(from.view.dtype, {from.view.shape, from.view.shape + from.view.rank});
  backend.download(a.bytes.data(), from.view.data, byte_count(from.view));
  return a.to_doubles();
}

std::string text(const char* format, double x) {
  char out[128];
  std::snprintf(out, sizeof out, format, x);
  return out;
}

}  // namespace odeon::host::conformance
