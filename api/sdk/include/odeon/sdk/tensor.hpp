// Helpers on odeon_tensor: sizes, typed pointers, views of parts.
#pragma once
#include <odeon/tensor.h>

#include <cstddef>
#include <initializer_list>
#include <span>

namespace odeon {

inline int64_t dtype_bytes(int32_t dtype) {
  switch (dtype) {
    case ODEON_F64:
    case ODEON_I64:
      return 8;
    case ODEON_F32:
    case ODEON_I32:
      return 4;
    default:
      return 1;
  }
}

inline int64_t element_count(const odeon_tensor& x) {
  int64_t n = 1;
  for (int32_t i = 0; i < x.rank; ++i) n *= x.shape[i];
  return n;
}
inline int64_t byte_count(const odeon_tensor& x) { return element_count(x) * dtype_bytes(x.dtype); }

// Length of the first axis; a rank-0 tensor is one row.
inline int64_t row_count(const odeon_tensor& x) { return x.rank == 0 ? 1 : x.shape[0]; }

template <class T>
T* data(const odeon_tensor& x) {
  return static_cast<T*>(x.data);
}

inline odeon_tensor make_tensor(void* data, int32_t dtype, std::span<const int64_t> shape) {
  odeon_tensor x{};
  x.data = data;
  x.dtype = dtype;
  x.rank = static_cast<int32_t>(shape.size());
  for (size_t i = 0; i < shape.size(); ++i) x.shape[i] = shape[i];
  return x;
}
inline odeon_tensor make_tensor(void* data, int32_t dtype, std::initializer_list<int64_t> shape) {
  return make_tensor(data, dtype, std::span<const int64_t>(shape.begin(), shape.size()));
}

// The same elements as one axis.
inline odeon_tensor flat(const odeon_tensor& x) { return make_tensor(x.data, x.dtype, {element_count(x)}); }

// Entry i of the first axis.
inline odeon_tensor row(const odeon_tensor& x, int64_t i) {
  odeon_tensor r = make_tensor(nullptr, x.dtype, std::span<const int64_t>(x.shape + 1, size_t(x.rank) - 1));
  r.data = static_cast<char*>(x.data) + i * byte_count(r);
  return r;
}

inline odeon_scalar host_scalar(double value) { return {value, nullptr, 0}; }

}  // namespace odeon
