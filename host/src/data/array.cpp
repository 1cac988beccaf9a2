#include "data/array.hpp"

#include <cstring>

#include "data/error.hpp"

namespace odeon::host {
namespace {
template <class T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
}  // namespace

Array Array::zeros(int32_t dtype, std::vector<int64_t> shape) {
  Array a;
  const int64_t n = checked_count(shape);
  if (n < 0) throw RunError("an array of negative or absurd size was asked for");
  a.dtype = dtype;
  a.shape = std::move(shape);
  a.bytes.resize(static_cast<size_t>(n * dtype_bytes(dtype)));
  return a;
}

Array Array::of(const std::vector<double>& values, std::vector<int64_t> shape) {
  Array a = zeros(ODEON_F64, std::move(shape));
  if (!values.empty()) std::memcpy(a.bytes.data(), values.data(), a.bytes.size());
  return a;
}

int64_t Array::size() const { return static_cast<int64_t>(bytes.size()) / dtype_bytes(dtype); }

double Array::at(int64_t i) const {
  const std::byte* p = bytes.data() + i * dtype_bytes(dtype);
  switch (dtype) {
    case ODEON_F32:
      return static_cast<double>(load<float>(p));
    case ODEON_F64:
      return load<double>(p);
    case ODEON_I32:
      return load<int32_t>(p);
    case ODEON_I64:
      return static_cast<double>(load<int64_t>(p));
    default:
      return load<uint8_t>(p);
  }
}

void Array::set(int64_t i, double value) {
  std::byte* p = bytes.data() + i * dtype_bytes(dtype);
  const float narrow = static_cast<float>(value);
  if (dtype == ODEON_F32) std::memcpy(p, &narrow, sizeof narrow);
  if (dtype == ODEON_F64) std::memcpy(p, &value, sizeof value);
}

Array Array::cast(int32_t to) const {
  if (to == dtype) return *this;
  Array out = zeros(to, shape);
  for (int64_t i = 0; i < size(); ++i) out.set(i, at(i));
  return out;
}

std::vector<double> Array::to_doubles() const {
  std::vector<double> out(static_cast<size_t>(size()));
  for (size_t i = 0; i < out.size(); ++i) out[i] = at(static_cast<int64_t>(i));
  return out;
}

int64_t checked_count(std::span<const int64_t> shape) {
  constexpr int64_t kLimit = int64_t{1} << 40;
  int64_t n = 1;
  for (int64_t d : shape) {
    if (d < 0 || (d > 0 && n > kLimit / d)) return -1;
    n *= d;
  }
  return n;
}

const char* dtype_name(int32_t dtype) {
  static constexpr const char* kNames[] = {"float32", "float64", "int32", "int64", "uint8"};
  return dtype >= 0 && dtype <= 4 ? kNames[dtype] : "unknown";
}

}  // namespace odeon::host
