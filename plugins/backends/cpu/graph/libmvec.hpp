// Functions of whole vectors: glibc's libmvec where it has them (CMakeLists.txt looks), with errors of up to
// 4 ulp for numbers of any size, infinities and NaN; else the C library's, element by element.
#pragma once
#include <cmath>

#include "graph/simd.hpp"

namespace odeon::cpu {

#ifdef ODEON_CPU_LIBMVEC
#if defined(__AVX512F__)
#define ODEON_MVEC_F32(name) _ZGVeN16v_##name##f
#define ODEON_MVEC_F64(name) _ZGVeN8v_##name
#elif defined(__AVX2__)
#define ODEON_MVEC_F32(name) _ZGVdN8v_##name##f
#define ODEON_MVEC_F64(name) _ZGVdN4v_##name
#else
#define ODEON_MVEC_F32(name) _ZGVbN4v_##name##f
#define ODEON_MVEC_F64(name) _ZGVbN2v_##name
#endif
#define ODEON_VECTOR_FUNCTION(name)                                                       \
  extern "C" Vector<float> ODEON_MVEC_F32(name)(Vector<float>);                           \
  extern "C" Vector<double> ODEON_MVEC_F64(name)(Vector<double>);                         \
  inline Vector<float> vector_##name(Vector<float> x) { return ODEON_MVEC_F32(name)(x); } \
  inline Vector<double> vector_##name(Vector<double> x) { return ODEON_MVEC_F64(name)(x); }
#else
#define ODEON_VECTOR_FUNCTION(name)                          \
  template <class V>                                         \
  V vector_##name(V x) {                                     \
    constexpr int kCount = kVectorBytes / int(sizeof(x[0])); \
    for (int i = 0; i < kCount; ++i) x[i] = std::name(x[i]); \
    return x;                                                \
  }
#endif
ODEON_VECTOR_FUNCTION(cos)
ODEON_VECTOR_FUNCTION(erf)
ODEON_VECTOR_FUNCTION(log)
ODEON_VECTOR_FUNCTION(log1p)
ODEON_VECTOR_FUNCTION(sin)
ODEON_VECTOR_FUNCTION(tan)
#undef ODEON_VECTOR_FUNCTION
#undef ODEON_MVEC_F32
#undef ODEON_MVEC_F64

}  // namespace odeon::cpu
