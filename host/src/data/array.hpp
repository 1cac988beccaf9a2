// A dense array in C order on the host; a value type.
#pragma once
#include <cstddef>
#include <cstdint>
#include <odeon/sdk/tensor.hpp>
#include <span>
#include <string>
#include <vector>

namespace odeon::host {

struct Array {
  int32_t dtype = ODEON_F64;
  std::vector<int64_t> shape;
  std::vector<std::byte> bytes;

  static Array zeros(int32_t dtype, std::vector<int64_t> shape);
  static Array of(const std::vector<double>& values, std::vector<int64_t> shape);

  int64_t size() const;
  odeon_tensor view() { return make_tensor(bytes.data(), dtype, shape); }
  odeon_tensor view() const { return make_tensor(const_cast<std::byte*>(bytes.data()), dtype, shape); }
  double at(int64_t i) const;
  void set(int64_t i, double value);  // f32 and f64 only
  Array cast(int32_t to) const;
  std::vector<double> to_doubles() const;
};

// Elements of a shape, or -1 when negative or beyond 2^40 (no file may ask for more).
int64_t checked_count(std::span<const int64_t> shape);
const char* dtype_name(int32_t dtype);

}  // namespace odeon::host
