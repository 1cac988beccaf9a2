// Functions of values as steps of a thread, and which of them runs for a type.
#pragma once
#include "ptx/decoder.hpp"
#include "ptx/thread.hpp"

namespace odeon::ptx {

// d = f(a), f(a, b), f(a, b, c). R is the type of the result.
template <class R, class T, auto f>
void step1(Thread& t, const Instruction& i) {
  t.set<R>(i.x[0], f(t.get<T>(i.x[1])));
}
template <class R, class T, auto f>
void step2(Thread& t, const Instruction& i) {
  t.set<R>(i.x[0], f(t.get<T>(i.x[1]), t.get<T>(i.x[2])));
}
template <class R, class T, auto f>
void step3(Thread& t, const Instruction& i) {
  t.set<R>(i.x[0], f(t.get<T>(i.x[1]), t.get<T>(i.x[2]), t.get<T>(i.x[3])));
}

// use.operator()<T>() for the C++ type of an integer (signed only where it says so), of bits, or of a float.
template <class Use>
Step for_integer(Decoder& d, Type type, Use use) {
  switch (type) {
    case Type::u16:
      return use.template operator()<uint16_t>();
    case Type::s16:
      return use.template operator()<int16_t>();
    case Type::u32:
      return use.template operator()<uint32_t>();
    case Type::s32:
      return use.template operator()<int32_t>();
    case Type::u64:
      return use.template operator()<uint64_t>();
    case Type::s64:
      return use.template operator()<int64_t>();
    default:
      d.unknown_type();
  }
}
template <class Use>
Step for_bits(Decoder& d, Type type, Use use) {
  switch (type) {
    case Type::pred:
    case Type::b64:
      return use.template operator()<uint64_t>();
    case Type::b32:
      return use.template operator()<uint32_t>();
    case Type::b16:
      return use.template operator()<uint16_t>();
    default:
      d.unknown_type();
  }
}
template <class Use>
Step for_float(Decoder& d, Type type, Use use) {
  if (type == Type::f32) return use.template operator()<float>();
  if (type == Type::f64) return use.template operator()<double>();
  d.unknown_type();
}

// d, a, b, ... of one type.
inline void same_type(Decoder& d, Type type, size_t sources) {
  d.expect_operands(sources + 1);
  d.out.x[0] = d.destination(0);
  for (size_t k = 1; k <= sources; ++k) d.out.x[k] = d.value(k, type);
}
inline bool is_float(Type type) { return type == Type::f32 || type == Type::f64; }

}  // namespace odeon::ptx
