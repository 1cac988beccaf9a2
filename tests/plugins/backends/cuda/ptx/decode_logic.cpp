// PTX ISA, "Comparison and Selection Instructions", "Logic and Shift Instructions", and clz and bfi.
#include <bit>
#include <cmath>

#include "ptx/steps.hpp"

namespace odeon::ptx {
namespace {

enum class Compare { eq, ne, lt, le, gt, ge, equ, neu, ltu, leu, gtu, geu, num, nan };
constexpr std::pair<const char*, Compare> kCompares[] = {
    {"eq", Compare::eq},   {"ne", Compare::ne},   {"lt", Compare::lt},   {"le", Compare::le},
    {"gt", Compare::gt},   {"ge", Compare::ge},   {"equ", Compare::equ}, {"neu", Compare::neu},
    {"ltu", Compare::ltu}, {"leu", Compare::leu}, {"gtu", Compare::gtu}, {"geu", Compare::geu},
    {"num", Compare::num}, {"nan", Compare::nan},
};

// The forms with u are true of NaN, those without are false; so is ne.
template <class T, Compare how>
uint64_t compare(T a, T b) {
  const bool unordered = a != a || b != b;
  switch (how) {
    case Compare::eq:
      return a == b;
    case Compare::ne:
      return !unordered && a != b;
    case Compare::lt:
      return a < b;
    case Compare::le:
      return a <= b;
    case Compare::gt:
      return a > b;
    case Compare::ge:
      return a >= b;
    case Compare::equ:
      return unordered || a == b;
    case Compare::neu:
      return unordered || a != b;
    case Compare::ltu:
      return unordered || a < b;
    case Compare::leu:
      return unordered || a <= b;
    case Compare::gtu:
      return unordered || a > b;
    case Compare::geu:
      return unordered || a >= b;
    case Compare::num:
      return !unordered;
    case Compare::nan:
      return unordered;
  }
}

template <class T, size_t... k>
Step comparison(Compare how, std::index_sequence<k...>) {
  constexpr Step steps[] = {step2<uint64_t, T, compare<T, Compare(k)>>...};
  return steps[size_t(how)];
}

bool decode_comparison(Decoder& d) {
  for (const auto& [name, how] : kCompares) {
    if (!d.take(name)) continue;
    const Type type = d.type();
    same_type(d, type, 2);
    const auto use = [how = how]<class T>() -> Step {
      return comparison<T>(how, std::make_index_sequence<14>());
    };
    const bool bits = type == Type::b16 || type == Type::b32 || type == Type::b64;
    if ((!is_float(type) && how > Compare::ge) || (bits && how > Compare::ne))
      d.fail("this comparison is not one of the type's");
    d.out.run = is_float(type) ? for_float(d, type, use)
                : bits         ? for_bits(d, type, use)
                               : for_integer(d, type, use);
    return true;
  }
  d.fail("the comparison is not covered");
}

bool decode_selection(Decoder& d) {
  const Type type = d.type();
  if (bytes_of(type) < 2) d.unknown_type();
  d.expect_operands(4);
  d.out.x[0] = d.destination(0);
  for (size_t k : {1, 2}) d.out.x[k] = d.value(k, type);
  d.out.x[3] = d.destination(3);
  d.out.run = [](Thread& t, const Instruction& i) {
    t.set(i.x[0], t.get<uint64_t>(t.get<uint64_t>(i.x[3]) ? i.x[1] : i.x[2]));
  };
  return true;
}

template <class T>
T both(T a, T b) {
  return a & b;
}
template <class T>
T either(T a, T b) {
  return a | b;
}
template <class T>
T one_of(T a, T b) {
  return a ^ b;
}
template <class T>
T inverted(T a) {
  return T(~a);
}
uint64_t inverted_predicate(uint64_t a) { return a ^ 1; }

// By more than all bits: as by all of them.
template <class T>
void shift_left(Thread& t, const Instruction& i) {
  const uint32_t by = t.get<uint32_t>(i.x[2]);
  t.set<T>(i.x[0], by >= 8 * sizeof(T) ? T(0) : T(t.get<T>(i.x[1]) << by));
}
template <class T>
void shift_right(Thread& t, const Instruction& i) {
  const uint32_t by = t.get<uint32_t>(i.x[2]);
  const T a = t.get<T>(i.x[1]);
  t.set<T>(i.x[0], by >= 8 * sizeof(T) ? T(a < 0 ? -1 : 0) : T(a >> by));
}
bool decode_shift(Decoder& d) {
  const bool left = d.base() == "shl";
  const Type type = d.type();
  d.expect_operands(3);
  d.out.x[0] = d.destination(0);
  d.out.x[1] = d.value(1, type);
  d.out.x[2] = d.value(2, Type::u32);
  d.out.run = left ? for_bits(d, type, []<class T>() -> Step { return shift_left<T>; })
                   : for_integer(d, type, []<class T>() -> Step { return shift_right<T>; });
  return true;
}

// Bits [position, position + length) of b are the lowest of a.
template <class T>
void insert_bits(Thread& t, const Instruction& i) {
  const T a = t.get<T>(i.x[1]), b = t.get<T>(i.x[2]);
  const unsigned from = t.get<uint32_t>(i.x[3]) & 0xff, count = t.get<uint32_t>(i.x[4]) & 0xff;
  constexpr unsigned kBits = 8 * sizeof(T);
  const T ones = count >= kBits ? T(~T(0)) : T((T(1) << count) - 1),
          mask = from >= kBits ? T(0) : T(ones << from);
  t.set<T>(i.x[0], T((b & ~mask) | (from >= kBits ? T(0) : T(a << from) & mask)));
}
bool decode_insertion(Decoder& d) {
  const Type type = d.type();
  d.expect_operands(5);
  d.out.x[0] = d.destination(0);
  for (size_t k : {1, 2}) d.out.x[k] = d.value(k, type);
  for (size_t k : {3, 4}) d.out.x[k] = d.value(k, Type::u32);
  if (type == Type::b32) d.out.run = insert_bits<uint32_t>;
  if (type == Type::b64) d.out.run = insert_bits<uint64_t>;
  if (!d.out.run) d.unknown_type();
  return true;
}
uint32_t leading_zeros(uint64_t a) { return uint32_t(std::countl_zero(a)); }

}  // namespace

bool decode_logic(Decoder& d) {
  const std::string& op = d.base();
  if (op == "setp") return decode_comparison(d);
  if (op == "selp") return decode_selection(d);
  if (op == "shl" || op == "shr") return decode_shift(d);
  if (op == "bfi") return decode_insertion(d);
  if (op == "clz") {
    if (const Type type = d.type(); type != Type::b64) d.unknown_type();
    same_type(d, Type::b64, 1);
    d.out.run = step1<uint32_t, uint64_t, leading_zeros>;
    return true;
  }
  if (op == "not") {
    const Type type = d.type();
    same_type(d, type, 1);
    d.out.run = for_bits(d, type, []<class T>() -> Step { return step1<T, T, inverted<T>>; });
    if (type == Type::pred) d.out.run = step1<uint64_t, uint64_t, inverted_predicate>;
    return true;
  }
  if (op != "and" && op != "or" && op != "xor") return false;
  const Type type = d.type();
  same_type(d, type, 2);
  d.out.run = for_bits(d, type, [&]<class T>() -> Step {
    return op == "and" ? step2<T, T, both<T>> : op == "or" ? step2<T, T, either<T>> : step2<T, T, one_of<T>>;
  });
  return true;
}

}  // namespace odeon::ptx
