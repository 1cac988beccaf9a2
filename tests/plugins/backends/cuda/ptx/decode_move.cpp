// PTX ISA, "mov" (values, addresses, packing), "cvta", and "Special Registers".
#include "ptx/steps.hpp"

namespace odeon::ptx {
namespace {

void move(Thread& t, const Instruction& i) { t.set(i.x[0], t.get<uint64_t>(i.x[1])); }
void move_32(Thread& t, const Instruction& i) { t.set(i.x[0], t.get<uint32_t>(i.x[1])); }
void move_16(Thread& t, const Instruction& i) { t.set(i.x[0], t.get<uint16_t>(i.x[1])); }

struct Special {
  const char* name;
  Step step;
};
constexpr Special kSpecials[] = {
    {"%tid.x", [](Thread& t, const Instruction& i) { t.set<uint32_t>(i.x[0], t.index); }},
    {"%ntid.x",
     [](Thread& t, const Instruction& i) { t.set<uint32_t>(i.x[0], t.block->grid->settings.threads); }},
    {"%ctaid.x", [](Thread& t, const Instruction& i) { t.set<uint32_t>(i.x[0], t.block->index); }},
    {"%nctaid.x",
     [](Thread& t, const Instruction& i) { t.set<uint32_t>(i.x[0], t.block->grid->settings.blocks); }},
};

// {low, high} of halves.
void pack(Thread& t, const Instruction& i) {
  t.set(i.x[0], uint64_t(t.get<uint32_t>(i.x[2])) << 32 | t.get<uint32_t>(i.x[1]));
}
void unpack(Thread& t, const Instruction& i) {
  const auto bits = t.get<uint64_t>(i.x[2]);
  t.set(i.x[0], uint32_t(bits));
  t.set(i.x[1], uint32_t(bits >> 32));
}

bool decode_packing(Decoder& d, Type type) {
  if (type != Type::b64) d.unknown_type();
  const bool packs = d.operand(1).kind == Operand::list;
  const auto& parts = d.operand(packs ? 1 : 0).parts;
  if (parts.size() != 2) d.fail("only halves are covered");
  if (packs) {
    d.out.x[0] = d.destination(0);
    for (size_t k : {0, 1}) d.out.x[k + 1] = d.value(parts[k], Type::b32);
    d.out.run = pack;
  } else {
    for (size_t k : {0, 1}) d.out.x[k] = d.destination(parts[k]);
    d.out.x[2] = d.value(1, type);
    d.out.run = unpack;
  }
  return true;
}

// The address of a variable in its state space.
void address_of_local(Thread& t, const Instruction& i) {
  t.set(i.x[0], uint64_t(i.offset) + t.frames.back().locals);
}

bool decode_mov(Decoder& d) {
  const Type type = d.type();
  d.expect_operands(2);
  const Operand& from = d.operand(1);
  if (from.kind == Operand::list || d.operand(0).kind == Operand::list) return decode_packing(d, type);
  d.out.x[0] = d.destination(0);
  if (from.kind == Operand::name && !d.builder.find_register(from.text)) {
    for (const Special& s : kSpecials)
      if (from.text == s.name) return d.out.run = s.step, true;
    const Symbol* variable = d.builder.find_variable(from.text);
    // Addresses of shared memory fit into 32 bits.
    if (!variable || bytes_of(type) < (variable->space == Space::shared ? 4 : 8))
      d.fail("no register or variable '" + from.text + "'");
    d.out.offset = int64_t(variable->address);
    d.out.x[1] = d.builder.constant(variable->address);
    d.out.run = variable->space == Space::local ? address_of_local : move;
    return true;
  }
  d.out.x[1] = d.value(1, type);
  d.out.run = bytes_of(type) == 8 ? move : bytes_of(type) == 4 ? move_32 : move_16;
  if (bytes_of(type) < 2) d.unknown_type();
  return true;
}

// Between generic addresses and those of a space, which differ by a window.
template <uint64_t window, bool out_of>
void convert_address(Thread& t, const Instruction& i) {
  const auto a = t.get<uint64_t>(i.x[1]);
  if (out_of && (a & window) != window) fail(t, i, "the address is in another state space");
  t.set<uint64_t>(i.x[0], out_of ? a ^ window : a | window);
}
bool decode_cvta(Decoder& d) {
  const bool out_of = d.take("to");
  const Space space = d.take("global")   ? Space::global
                      : d.take("local")  ? Space::local
                      : d.take("shared") ? Space::shared
                                         : Space::generic;
  if (space == Space::generic || d.type() != Type::u64) d.fail("this conversion of addresses is not covered");
  same_type(d, Type::u64, 1);
  d.out.run = space == Space::global ? move
              : space == Space::local
                  ? (out_of ? convert_address<kLocalWindow, true> : convert_address<kLocalWindow, false>)
                  : (out_of ? convert_address<kSharedWindow, true> : convert_address<kSharedWindow, false>);
  return true;
}

}  // namespace

bool decode_move(Decoder& d) {
  if (d.base() == "mov") return decode_mov(d);
  if (d.base() == "cvta") return decode_cvta(d);
  return false;
}

}  // namespace odeon::ptx
