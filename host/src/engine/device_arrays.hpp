// Arrays of the host to and from tensors of equal size and dtype on a backend.
#pragma once
#include "data/array.hpp"
#include "engine/device.hpp"

namespace odeon::host {

inline void upload(Backend& backend, const odeon_tensor& to, const Array& from) {
  backend.upload(to.data, from.bytes.data(), static_cast<int64_t>(from.bytes.size()));
}

inline Array download(Backend& backend, const odeon_tensor& from) {
  Array out = Array::zeros(from.dtype, {from.shape, from.shape + from.rank});
  backend.download(out.bytes.data(), from.data, static_cast<int64_t>(out.bytes.size()));
  return out;
}

// The sum of what lies on the backend, in double precision and in order.
inline double sum_of(Backend& backend, const odeon_tensor& x) {
  const Array values = download(backend, x);
  double sum = 0;
  for (int64_t i = 0; i < values.size(); ++i) sum += values.at(i);
  return sum;
}

}  // namespace odeon::host
