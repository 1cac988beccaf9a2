// PTX ISA, "ld", "ld.global.nc", "st", "atom", "membar".
#include "ptx/decoder.hpp"
#include "ptx/memory.hpp"

namespace odeon::ptx {
namespace {

template <class T>
void load(Thread& t, const Instruction& i) {
  const Access& a = i.access;
  const char* from = reach(t, i,
                           a.non_coherent  ? Use::non_coherent
                           : a.is_volatile ? Use::strong_read
                                           : Use::read);
  for (int k = 0; k < a.count; ++k) {
    T value;
    std::memcpy(&value, from + k * int(sizeof value), sizeof value);
    if constexpr (std::is_signed_v<T>)
      t.set(i.x[k], int64_t(value));
    else
      t.set(i.x[k], value);
  }
  if (!a.is_volatile) return;
  ++t.looks;
  hear(t, from);
}
template <class T>
void store(Thread& t, const Instruction& i) {
  const Access& a = i.access;
  char* to = reach(t, i, a.is_volatile ? Use::strong_write : Use::write);
  for (int k = 0; k < a.count; ++k) {
    const T value = t.get<T>(i.x[k]);
    std::memcpy(to + k * int(sizeof value), &value, sizeof value);
  }
  t.block->grid->wrote = true;
  if (a.is_volatile) publish(t, to, false);
}

Space space_of(Decoder& d) {
  for (const auto& [name, space] : {std::pair{"global", Space::global},
                                    {"shared", Space::shared},
                                    {"local", Space::local},
                                    {"param", Space::param}})
    if (d.take(name)) return space;
  return Space::generic;
}

bool decode_access(Decoder& d, bool loads) {
  Access& a = d.out.access;
  a.is_volatile = d.take("volatile");
  a.space = space_of(d);
  a.non_coherent = loads && a.space == Space::global && d.take("nc");
  a.count = d.take("v2") ? 2 : d.take("v4") ? 4 : 1;
  const Type type = d.type();
  if (type == Type::pred) d.unknown_type();
  a.bytes = uint8_t(bytes_of(type));
  a.is_signed = type == Type::s8 || type == Type::s16 || type == Type::s32;
  d.expect_operands(2);
  const Operand& values = d.operand(loads ? 0 : 1);
  if ((values.kind == Operand::list ? values.parts.size() : 1) != a.count)
    d.fail("another number of elements");
  for (size_t k = 0; k < a.count; ++k) {
    const Operand& o = values.kind == Operand::list ? values.parts[k] : values;
    d.out.x[k] = loads ? d.destination(o) : d.value(o, type);
  }
  d.address(loads ? 1 : 0, 4, a.space);
  if (loads && a.is_signed)
    d.out.run = a.bytes == 1 ? load<int8_t> : a.bytes == 2 ? load<int16_t> : load<int32_t>;
  else if (loads)
    d.out.run = a.bytes == 1   ? load<uint8_t>
                : a.bytes == 2 ? load<uint16_t>
                : a.bytes == 4 ? load<uint32_t>
                               : load<uint64_t>;
  else
    d.out.run = a.bytes == 1   ? store<uint8_t>
                : a.bytes == 2 ? store<uint16_t>
                : a.bytes == 4 ? store<uint32_t>
                               : store<uint64_t>;
  return true;
}

void atomic_add(Thread& t, const Instruction& i) {
  char* place = reach(t, i, Use::strong_write);
  uint32_t before;
  std::memcpy(&before, place, sizeof before);
  const uint32_t after = before + t.get<uint32_t>(i.x[1]);
  std::memcpy(place, &after, sizeof after);
  t.set(i.x[0], before);
  hear(t, place);
  publish(t, place, true);
  t.block->grid->wrote = true;
}

bool decode_atomic(Decoder& d) {
  d.expect("global"), d.expect("add");
  if (d.type() != Type::u32) d.unknown_type();
  d.expect_operands(3);
  d.out.x[0] = d.destination(0);
  d.out.x[1] = d.value(2, Type::u32);
  d.out.access = {Space::global, 4, 1, false, true, false};
  d.address(1, 4, Space::global);
  d.out.run = atomic_add;
  return true;
}

}  // namespace

bool decode_memory(Decoder& d) {
  if (d.base() == "ld" || d.base() == "st") return decode_access(d, d.base() == "ld");
  if (d.base() == "atom") return decode_atomic(d);
  if (d.base() != "membar") return false;
  d.expect("gl");
  d.expect_operands(0);
  d.out.run = [](Thread& t, const Instruction&) { fence(t); };
  return true;
}

}  // namespace odeon::ptx
