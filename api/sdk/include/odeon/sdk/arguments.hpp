// Checks of the arguments of a backend's maths slots, and dispatch on the element type.
#pragma once
#include <odeon/backend.h>

#include <odeon/sdk/error.hpp>
#include <odeon/sdk/tensor.hpp>

namespace odeon {

// Calls f(float{}) or f(double{}).
template <class F>
void dispatch(int32_t dtype, F&& f) {
  if (dtype == ODEON_F64) return f(double{});
  if (dtype == ODEON_F32) return f(float{});
  throw Error("a backend computes in f32 and f64; got a tensor of dtype code " + std::to_string(dtype));
}

inline bool same_shape(const odeon_tensor& x, const odeon_tensor& y) {
  if (x.dtype != y.dtype || x.rank != y.rank) return false;
  for (int32_t i = 0; i < x.rank; ++i)
    if (x.shape[i] != y.shape[i]) return false;
  return true;
}

[[noreturn]] inline void throw_shape_mismatch(const char* call, const char* name) {
  throw Error(std::string(call) + ": '" + name + "' differs from the output in dtype or shape");
}
inline void require_same_shape(const char* call, const char* name, const odeon_tensor& expected,
                               const odeon_tensor& got) {
  if (!same_shape(expected, got)) throw_shape_mismatch(call, name);
}

constexpr int32_t kMaxTerms = 64;  // of lincomb and error_norm

inline void require_term_count(const char* call, int32_t n_terms) {
  if (n_terms < 0 || n_terms > kMaxTerms)
    throw Error(std::string(call) + ": " + std::to_string(n_terms) + " terms; 0 to 64 are allowed");
}

// The scalar's value for one batch row; only for backends of host memory.
inline double value_of(const odeon_scalar& s, int64_t row) {
  return s.device ? s.device[row * s.stride] : s.value;
}
inline bool is_per_row(const odeon_scalar& s) { return s.device && s.stride != 0; }

}  // namespace odeon
