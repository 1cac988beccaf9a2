// PTX ISA, "Floating Point Instructions". What .approx leaves open within an error bound is computed as
// exactly as the host can; sums and products without .rn, which ptxas may contract, are not contracted here.
#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>
#include <tuple>

#include "ptx/steps.hpp"

namespace odeon::ptx {
namespace {

template <class T>
T add(T a, T b) {
  return a + b;
}
template <class T>
T subtract(T a, T b) {
  return a - b;
}
template <class T>
T multiply(T a, T b) {
  return a * b;
}
template <class T>
T divide(T a, T b) {
  return a / b;
}
template <class T>
T fused(T a, T b, T c) {
  return std::fma(a, b, c);
}
template <class T>
T magnitude(T a) {
  return std::fabs(a);
}
template <class T>
T negate(T a) {
  return -a;
}
template <class T>
T root(T a) {
  return std::sqrt(a);
}
template <class T>
T reciprocal(T a) {
  return 1 / a;
}
// The sign of a, the magnitude of b.
template <class T>
T sign_of(T a, T b) {
  return std::copysign(b, a);
}
// Of a number and NaN the number; -0 is smaller than +0.
template <class T>
T smaller(T a, T b) {
  if (std::isnan(a)) return std::isnan(b) ? std::numeric_limits<T>::quiet_NaN() : b;
  if (std::isnan(b)) return a;
  return a < b || (a == b && std::signbit(a)) ? a : b;
}
template <class T>
T larger(T a, T b) {
  if (std::isnan(a)) return std::isnan(b) ? std::numeric_limits<T>::quiet_NaN() : b;
  if (std::isnan(b)) return a;
  return a > b || (a == b && !std::signbit(a)) ? a : b;
}

// Rounded as the host is told to for this one operation, whose operands the compiler does not know.
template <class Operation>
float rounded(int direction, float a, float b, float c, Operation operation) {
  volatile float x = a, y = b, z = c;
  const int before = std::fegetround();
  std::fesetround(direction);
  volatile float result = operation(x, y, z);
  std::fesetround(before);
  return result;
}
// .rm: towards minus infinity; .rz: towards zero.
float fused_down(float a, float b, float c) {
  return rounded(FE_DOWNWARD, a, b, c, [](float x, float y, float z) { return std::fma(x, y, z); });
}
float add_towards_0(float a, float b) {
  return rounded(FE_TOWARDZERO, a, b, 0, [](float x, float y, float) { return x + y; });
}

// .ftz: subnormal numbers are zeros of their sign.
template <class T>
T flushed(T a) {
  return std::fpclassify(a) == FP_SUBNORMAL ? std::copysign(T(0), a) : a;
}
float flushing_reciprocal(float a) { return flushed(1 / flushed(a)); }
float power_of_2(float a) { return float(std::exp2(double(a))); }
float flushing_power_of_2(float a) { return flushed(power_of_2(flushed(a))); }
float logarithm(float a) { return float(std::log2(double(a))); }
// "rcp.approx.ftz.f64": of the upper halves alone.
double upper_half(double a) {
  return std::bit_cast<double>(std::bit_cast<uint64_t>(flushed(a)) & 0xffffffff00000000u);
}
double coarse_reciprocal(double a) { return upper_half(1 / upper_half(a)); }

bool decode_approximate(Decoder& d) {
  const std::string& op = d.opcode();
  struct Form {
    const char* opcode;
    Type type;
    Step step;
  };
  static constexpr Form kForms[] = {
      {"rcp.approx.ftz.f32", Type::f32, step1<float, float, flushing_reciprocal>},
      {"rcp.approx.ftz.f64", Type::f64, step1<double, double, coarse_reciprocal>},
      {"ex2.approx.f32", Type::f32, step1<float, float, power_of_2>},
      {"ex2.approx.ftz.f32", Type::f32, step1<float, float, flushing_power_of_2>},
      {"lg2.approx.f32", Type::f32, step1<float, float, logarithm>},
  };
  for (const Form& f : kForms) {
    if (op != f.opcode) continue;
    d.take_all();
    same_type(d, f.type, 1);
    d.out.run = f.step;
    return true;
  }
  return false;
}

}  // namespace

bool decode_float(Decoder& d) {
  const std::string& op = d.base();
  const Type type = d.last_type();
  if (!is_float(type)) return false;
  if (decode_approximate(d)) return true;
  for (const auto& [opcode, sources, step] :
       {std::tuple{"fma.rm.f32", 3, Step(step3<float, float, fused_down>)},
        {"add.rz.f32", 2, Step(step2<float, float, add_towards_0>)}}) {
    if (d.opcode() != opcode) continue;
    d.take_all(), same_type(d, type, size_t(sources));
    d.out.run = step;
    return true;
  }
  const auto one = [&](auto use) {
    return d.type(), same_type(d, type, 1), d.out.run = for_float(d, type, use), true;
  };
  const auto two = [&](auto use) {
    return d.type(), same_type(d, type, 2), d.out.run = for_float(d, type, use), true;
  };
  if (op == "abs") return one([]<class T>() -> Step { return step1<T, T, magnitude<T>>; });
  if (op == "neg") return one([]<class T>() -> Step { return step1<T, T, negate<T>>; });
  if (op == "min") return two([]<class T>() -> Step { return step2<T, T, smaller<T>>; });
  if (op == "max") return two([]<class T>() -> Step { return step2<T, T, larger<T>>; });
  if (op == "copysign") return two([]<class T>() -> Step { return step2<T, T, sign_of<T>>; });
  if (op == "add" || op == "sub" || op == "mul") {
    d.take("rn");
    if (op == "add") return two([]<class T>() -> Step { return step2<T, T, add<T>>; });
    if (op == "sub") return two([]<class T>() -> Step { return step2<T, T, subtract<T>>; });
    return two([]<class T>() -> Step { return step2<T, T, multiply<T>>; });
  }
  if (op == "div") return d.expect("rn"), two([]<class T>() -> Step { return step2<T, T, divide<T>>; });
  if (op == "sqrt") return d.expect("rn"), one([]<class T>() -> Step { return step1<T, T, root<T>>; });
  if (op == "rcp") return d.expect("rn"), one([]<class T>() -> Step { return step1<T, T, reciprocal<T>>; });
  if (op == "fma") {
    d.expect("rn"), d.type(), same_type(d, type, 3);
    d.out.run = for_float(d, type, []<class T>() -> Step { return step3<T, T, fused<T>>; });
    return true;
  }
  return false;
}

}  // namespace odeon::ptx
