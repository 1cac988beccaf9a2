// exp, tanh and sigmoid without branches, so that loops over them vectorise. Errors of a few ulp.
// Cody-Waite reduction and Taylor polynomials: J.-M. Muller, Elementary Functions (2016), chapter 11.
#pragma once
#include <bit>
#include <cstdint>
#include <limits>

namespace odeon::cpu {

template <class T>
struct ExpTraits;
template <>
struct ExpTraits<double> {
  using Bits = int64_t;
  static constexpr double kMagic = 0x1.8p52, kLog2e = 1.4426950408889634, kLn2High = 0x1.62e42fefa3800p-1,
                          kLn2Low = 0x1.ef35793c76730p-45;
  static constexpr double kLargest = 709.782712893384, kSmallest = -707.0, kTanhOne = 40;
  static constexpr int kMantissa = 52, kBias = 1023;
  // (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2
  static constexpr double series(double r) {
    double p = 1. / 6227020800;
    p = p * r + 1. / 479001600;
    p = p * r + 1. / 39916800;
    p = p * r + 1. / 3628800;
    p = p * r + 1. / 362880;
    p = p * r + 1. / 40320;
    p = p * r + 1. / 5040;
    p = p * r + 1. / 720;
    p = p * r + 1. / 120;
    p = p * r + 1. / 24;
    p = p * r + 1. / 6;
    return p * r + 1. / 2;
  }
};
template <>
struct ExpTraits<float> {
  using Bits = int32_t;
  static constexpr float kMagic = 0x1.8p23f, kLog2e = 1.44269504f, kLn2High = 0x1.62e4p-1f,
                         kLn2Low = 0x1.7f7d1cp-20f;
  static constexpr float kLargest = 88.72283f, kSmallest = -86.0f, kTanhOne = 20;
  static constexpr int kMantissa = 23, kBias = 127;
  static constexpr float series(float r) {
    float p = 1.f / 5040;
    p = p * r + 1.f / 720;
    p = p * r + 1.f / 120;
    p = p * r + 1.f / 24;
    p = p * r + 1.f / 6;
    return p * r + 1.f / 2;
  }
};

template <class T>
struct Reduced {
  T half_power;  // 2^(k-1), so that k may be the largest exponent plus one
  T expm1;       // e^r - 1
};

// x = k ln 2 + r, for x in the range of finite results.
template <class T>
inline Reduced<T> reduce_exp(T x) {
  using E = ExpTraits<T>;
  using Bits = typename E::Bits;
  const T shifted = x * E::kLog2e + E::kMagic;
  const T k = shifted - E::kMagic;
  const T r = (x - k * E::kLn2High) - k * E::kLn2Low;
  const Bits bits = std::bit_cast<Bits>(shifted) - std::bit_cast<Bits>(E::kMagic) + (E::kBias - 1);
  using Unsigned = std::make_unsigned_t<Bits>;
  const T half_power = std::bit_cast<T>(static_cast<Bits>(static_cast<Unsigned>(bits) << E::kMantissa));
  return {half_power, r + r * r * E::series(r)};
}

template <class T>
inline T vector_exp(T x) {
  using E = ExpTraits<T>;
  const T low = x < E::kSmallest ? E::kSmallest : x;
  const T clamped = low > E::kLargest ? E::kLargest : low;
  const Reduced<T> q = reduce_exp(clamped);
  const T value = (2 * q.expm1 + 2) * q.half_power;
  const T finite = x < E::kSmallest ? T(0) : value;
  return x > E::kLargest ? std::numeric_limits<T>::infinity() : finite;
}

// With m = e^{2|x|} - 1: tanh |x| = m / (m + 2), exact to relative rounding for small x too.
template <class T>
inline T vector_tanh(T x) {
  using E = ExpTraits<T>;
  const T twice = x < 0 ? -2 * x : 2 * x;
  const Reduced<T> q = reduce_exp(twice > E::kTanhOne ? E::kTanhOne : twice);
  const T m = 2 * q.half_power * q.expm1 + (2 * q.half_power - 1);
  const T t = m / (m + 2);
  return x < 0 ? -t : t;
}

template <class T>
inline T vector_sigmoid(T x) {
  return 1 / (1 + vector_exp(-x));
}

}  // namespace odeon::cpu
