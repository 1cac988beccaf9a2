// PTX ISA, "cvt": only the pairs of types that were met.
#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>

#include "ptx/steps.hpp"

namespace odeon::ptx {
namespace {

template <class R, class T>
R converted(T a) {
  return R(a);
}
// To an integer: beyond its range the nearest end, of NaN 0 ("cvt", integer notes; f64 and s32 alone are
// met).
template <class T, bool to_nearest>
int32_t to_integer(T a) {
  if (std::isnan(a)) return 0;
  const T r = to_nearest ? std::nearbyint(a) : std::trunc(a);
  if (r >= T(2147483648.0)) return std::numeric_limits<int32_t>::max();
  if (r < T(-2147483648.0)) return std::numeric_limits<int32_t>::min();
  return int32_t(r);
}
// .rni, .rzi and .rmi: to nearest, towards zero, towards minus infinity.
template <class T>
T nearest(T a) {
  return std::nearbyint(a);
}
template <class T>
T towards_0(T a) {
  return std::trunc(a);
}
template <class T>
T down(T a) {
  return std::floor(a);
}
// Into [0, 1]; NaN to 0 ("cvt", .sat).
float saturated(float a) { return a > 0 ? (a < 1 ? a : 1.0f) : 0.0f; }
// To 7 bits after the point, to nearest, ties to even; NaN is 0x7fff.
uint16_t to_bf16(float a) {
  if (std::isnan(a)) return 0x7fff;
  const auto bits = std::bit_cast<uint32_t>(a);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
// To 10 bits after the point, to nearest, ties away from zero. The lower bits are not specified.
uint32_t to_tf32(float a) {
  const auto bits = std::bit_cast<uint32_t>(a);
  return std::isfinite(a) ? (bits + 0x1000) & ~0x1fffu : bits;
}

struct Form {
  const char* opcode;
  Type to, from;
  Step step;
};
template <class R, class T>
constexpr Step kConvert = step1<R, T, converted<R, T>>;
constexpr Form kForms[] = {
    {"cvt.f64.f32", Type::f64, Type::f32, kConvert<double, float>},
    {"cvt.rn.f32.f64", Type::f32, Type::f64, kConvert<float, double>},
    {"cvt.rn.f32.s32", Type::f32, Type::s32, kConvert<float, int32_t>},
    {"cvt.rn.f32.s64", Type::f32, Type::s64, kConvert<float, int64_t>},
    {"cvt.rn.f64.s32", Type::f64, Type::s32, kConvert<double, int32_t>},
    {"cvt.rn.f64.s64", Type::f64, Type::s64, kConvert<double, int64_t>},
    {"cvt.rn.bf16.f32", Type::b16, Type::f32, step1<uint16_t, float, to_bf16>},
    {"cvt.rna.tf32.f32", Type::b32, Type::f32, step1<uint32_t, float, to_tf32>},
    {"cvt.rni.f32.f32", Type::f32, Type::f32, step1<float, float, nearest<float>>},
    {"cvt.sat.f32.f32", Type::f32, Type::f32, step1<float, float, saturated>},
    {"cvt.rzi.f32.f32", Type::f32, Type::f32, step1<float, float, towards_0<float>>},
    {"cvt.rmi.f32.f32", Type::f32, Type::f32, step1<float, float, down<float>>},
    {"cvt.rmi.f64.f64", Type::f64, Type::f64, step1<double, double, down<double>>},
    {"cvt.rzi.f64.f64", Type::f64, Type::f64, step1<double, double, towards_0<double>>},
    {"cvt.rni.s32.f32", Type::s32, Type::f32, step1<int32_t, float, to_integer<float, true>>},
    {"cvt.rni.s32.f64", Type::s32, Type::f64, step1<int32_t, double, to_integer<double, true>>},
    {"cvt.rzi.s32.f32", Type::s32, Type::f32, step1<int32_t, float, to_integer<float, false>>},
    {"cvt.s64.s32", Type::s64, Type::s32, kConvert<int64_t, int32_t>},
    {"cvt.s64.s8", Type::s64, Type::s8, kConvert<int64_t, int8_t>},
    {"cvt.u64.u32", Type::u64, Type::u32, kConvert<uint64_t, uint32_t>},
    {"cvt.u64.u16", Type::u64, Type::u16, kConvert<uint64_t, uint16_t>},
    {"cvt.u32.u64", Type::u32, Type::u64, kConvert<uint32_t, uint64_t>},
    {"cvt.u32.u16", Type::u32, Type::u16, kConvert<uint32_t, uint16_t>},
    {"cvt.u16.u32", Type::u16, Type::u32, kConvert<uint16_t, uint32_t>},
    {"cvt.u16.u64", Type::u16, Type::u64, kConvert<uint16_t, uint64_t>},
};

}  // namespace

bool decode_convert(Decoder& d) {
  if (d.base() != "cvt") return false;
  for (const Form& f : kForms) {
    if (d.opcode() != f.opcode) continue;
    d.expect_operands(2);
    d.out.x[0] = d.destination(0);
    d.out.x[1] = d.value(1, f.from);
    d.out.run = f.step;
    d.take_all();
    return true;
  }
  d.fail("this conversion is not covered");
}

}  // namespace odeon::ptx
