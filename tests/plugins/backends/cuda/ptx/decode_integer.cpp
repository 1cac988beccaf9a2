// PTX ISA, "Integer Arithmetic Instructions" and "Extended-Precision Integer Arithmetic Instructions".
#include <bit>
#include <limits>
#include <type_traits>

#include "ptx/steps.hpp"

namespace odeon::ptx {
namespace {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Unsigned128;

// Arithmetic modulo 2^n: without signs, in at least 32 bits.
template <class T>
using Wrapping = std::common_type_t<std::make_unsigned_t<T>, uint32_t>;
template <class T>
T add(T a, T b) {
  return T(Wrapping<T>(a) + Wrapping<T>(b));
}
template <class T>
T subtract(T a, T b) {
  return T(Wrapping<T>(a) - Wrapping<T>(b));
}
template <class T>
T low(T a, T b) {
  return T(Wrapping<T>(a) * Wrapping<T>(b));
}
template <class T>
using Wide = std::conditional_t<
    sizeof(T) == 8, std::conditional_t<std::is_signed_v<T>, Int128, Unsigned128>,
    std::conditional_t<
        sizeof(T) == 4, std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>,
        std::conditional_t<sizeof(T) == 2, std::conditional_t<std::is_signed_v<T>, int32_t, uint32_t>, T>>>;
template <class T>
T high(T a, T b) {
  return T((Wide<T>(a) * Wide<T>(b)) >> (8 * sizeof(T)));
}
template <class T>
Wide<T> wide(T a, T b) {
  return Wide<T>(a) * Wide<T>(b);
}
template <class T>
T low_and(T a, T b, T c) {
  return add(low(a, b), c);
}
template <class T>
T negate(T a) {
  return subtract(T(0), a);
}
template <class T>
T smaller(T a, T b) {
  return a < b ? a : b;
}
template <class T>
T larger(T a, T b) {
  return a > b ? a : b;
}

// The ISA leaves a division by 0 open, which nothing may rely on; likewise what no type holds.
template <class T, bool remainder>
void divide(Thread& t, const Instruction& i) {
  const T a = t.get<T>(i.x[1]), b = t.get<T>(i.x[2]);
  if (b == 0) fail(t, i, "divides by zero");
  if (std::is_signed_v<T> && b == T(-1)) {
    t.set<T>(i.x[0], remainder ? T(0) : negate(a));
    return;
  }
  t.set<T>(i.x[0], remainder ? T(a % b) : T(a / b));
}

// a + b or a - b, with the carry in and out as the modifiers say; 32 bits.
template <bool minus, bool in, bool out>
void carry_step(Thread& t, uint32_t to, uint32_t a, uint32_t b) {
  const uint64_t c = in && t.carry ? 1 : 0;
  const uint64_t sum = minus ? uint64_t(a) - b - c : uint64_t(a) + b + c;
  if (out) t.carry = (sum >> 32 & 1) != 0;
  t.set<uint32_t>(int32_t(to), uint32_t(sum));
}
template <bool minus, bool in, bool out>
void add_carry(Thread& t, const Instruction& i) {
  carry_step<minus, in, out>(t, uint32_t(i.x[0]), t.get<uint32_t>(i.x[1]), t.get<uint32_t>(i.x[2]));
}
template <bool upper, bool in, bool out>
void multiply_carry(Thread& t, const Instruction& i) {
  const uint32_t a = t.get<uint32_t>(i.x[1]), b = t.get<uint32_t>(i.x[2]);
  carry_step<false, in, out>(t, uint32_t(i.x[0]), upper ? high(a, b) : a * b, t.get<uint32_t>(i.x[3]));
}

bool decode_carry(Decoder& d) {
  const std::string& op = d.base();
  const bool in = op == "addc" || op == "subc" || op == "madc";
  const bool multiplies = op == "mad" || op == "madc";
  const bool upper = multiplies && d.take("hi");
  if (multiplies && !upper) d.expect("lo");
  const bool out = d.take("cc");
  const Type type = d.type();
  if (type != Type::u32) d.unknown_type();
  same_type(d, type, multiplies ? 3 : 2);
  const bool minus = op == "sub" || op == "subc";
  if (multiplies)
    d.out.run = upper ? (in ? (out ? multiply_carry<true, true, true> : multiply_carry<true, true, false>)
                            : multiply_carry<true, false, true>)
                      : (in ? (out ? multiply_carry<false, true, true> : multiply_carry<false, true, false>)
                            : multiply_carry<false, false, true>);
  else if (minus)
    d.out.run = in ? (out ? add_carry<true, true, true> : add_carry<true, true, false>)
                   : add_carry<true, false, true>;
  else
    d.out.run = in ? (out ? add_carry<false, true, true> : add_carry<false, true, false>)
                   : add_carry<false, false, true>;
  return true;
}

bool decode_sum(Decoder& d, Type type) {
  const bool minus = d.base() == "sub";
  same_type(d, type, 2);
  d.out.run = for_integer(
      d, type, [&]<class T>() -> Step { return minus ? step2<T, T, subtract<T>> : step2<T, T, add<T>>; });
  return true;
}

bool decode_product(Decoder& d) {
  const bool adds = d.base() == "mad";
  enum { kLow, kHigh, kWide } part = d.take("wide") ? kWide : d.take("hi") ? kHigh : kLow;
  if (part == kLow) d.expect("lo");
  const Type type = d.type();
  d.expect_operands(adds ? 4 : 3);
  d.out.x[0] = d.destination(0);
  for (size_t k : {1, 2}) d.out.x[k] = d.value(k, type);
  if (adds) {
    d.out.x[3] = d.value(3, part == kWide ? Type::u64 : type);
    if (part == kHigh) d.fail("only mad.lo and mad.wide are covered");
    if (part == kWide) {
      if (type != Type::u32) d.unknown_type();
      d.out.run = [](Thread& t, const Instruction& i) {
        t.set<uint64_t>(i.x[0],
                        wide(t.get<uint32_t>(i.x[1]), t.get<uint32_t>(i.x[2])) + t.get<uint64_t>(i.x[3]));
      };
    } else {
      d.out.run = for_integer(d, type, []<class T>() -> Step { return step3<T, T, low_and<T>>; });
    }
    return true;
  }
  if (part == kWide && bytes_of(type) == 8) d.unknown_type();
  d.out.run = for_integer(d, type, [&]<class T>() -> Step {
    if constexpr (sizeof(T) < 8)
      if (part == kWide) return step2<Wide<T>, T, wide<T>>;
    return part == kHigh ? step2<T, T, high<T>> : step2<T, T, low<T>>;
  });
  return true;
}

}  // namespace

bool decode_integer(Decoder& d) {
  const std::string& op = d.base();
  const auto peek = [&](const char* modifiers) { return d.opcode() == op + modifiers; };
  if (op == "addc" || op == "subc" || op == "madc" || peek(".cc.u32") || peek(".lo.cc.u32") ||
      peek(".hi.cc.u32"))
    return decode_carry(d);
  const Type type = d.last_type();
  if (is_float(type) || type == Type::pred) return false;
  if (op == "mul" || op == "mad") return decode_product(d);
  if (op == "add" || op == "sub") return d.type(), decode_sum(d, type);
  if (op == "div" || op == "rem") {
    const bool remainder = op == "rem";
    same_type(d, d.type(), 2);
    d.out.run = for_integer(
        d, type, [&]<class T>() -> Step { return remainder ? divide<T, true> : divide<T, false>; });
    return true;
  }
  if (op == "min" || op == "max") {
    same_type(d, d.type(), 2);
    d.out.run = for_integer(d, type, [&]<class T>() -> Step {
      return op == "min" ? step2<T, T, smaller<T>> : step2<T, T, larger<T>>;
    });
    return true;
  }
  if (op == "neg") {
    same_type(d, d.type(), 1);
    d.out.run = for_integer(d, type, []<class T>() -> Step { return step1<T, T, negate<T>>; });
    return true;
  }
  return false;
}

}  // namespace odeon::ptx
