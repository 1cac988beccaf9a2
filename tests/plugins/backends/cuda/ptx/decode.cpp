#include "ptx/decoder.hpp"
#include "ptx/thread.hpp"

namespace odeon::ptx {
namespace {

struct NamedType {
  const char* name;
  Type type;
  unsigned bytes;
};
constexpr NamedType kTypes[] = {
    {"pred", Type::pred, 8}, {"b8", Type::b8, 1},   {"u8", Type::u8, 1},   {"s8", Type::s8, 1},
    {"b16", Type::b16, 2},   {"u16", Type::u16, 2}, {"s16", Type::s16, 2}, {"b32", Type::b32, 4},
    {"u32", Type::u32, 4},   {"s32", Type::s32, 4}, {"f32", Type::f32, 4}, {"b64", Type::b64, 8},
    {"u64", Type::u64, 8},   {"s64", Type::s64, 8}, {"f64", Type::f64, 8},
};

}  // namespace

unsigned bytes_of(Type type) {
  for (const NamedType& t : kTypes)
    if (t.type == type) return t.bytes;
  return 0;
}

Decoder::Decoder(Builder& b, const Statement& statement) : builder(b), statement_(statement) {
  out.line = statement.line;
  const std::string& text = statement.opcode;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('.', begin), text.size());
    (begin == 0 ? base_ : modifiers_.emplace_back()) = text.substr(begin, end - begin);
    begin = end + 1;
  }
  if (statement.guard.empty()) return;
  const int32_t* guard = builder.find_register(statement.guard);
  if (!guard) fail("no register '" + statement.guard + "'");
  out.guard = *guard;
  out.negated = statement.negated;
}

bool Decoder::take(const char* modifier) {
  if (taken_ == modifiers_.size() || modifiers_[taken_] != modifier) return false;
  ++taken_;
  return true;
}
void Decoder::expect(const char* modifier) {
  if (!take(modifier)) fail("only the form with ." + std::string(modifier) + " is covered");
}
Type Decoder::type() {
  for (const NamedType& t : kTypes)
    if (take(t.name)) return t.type;
  fail("a type was expected");
}
Type Decoder::last_type() const {
  for (const NamedType& t : kTypes)
    if (!modifiers_.empty() && modifiers_.back() == t.name) return t.type;
  return Type::pred;
}
void Decoder::expect_operands(size_t count) const {
  if (operands() != count) fail(std::to_string(count) + " operands were expected");
}

void Decoder::fail(const std::string& what) const {
  builder.module.text.fail(statement_.line, what + ", in " + builder.function.name);
}

int32_t Decoder::destination(const Operand& o) {
  const int32_t* found = o.kind == Operand::name ? builder.find_register(o.text) : nullptr;
  if (!found) fail("no register '" + o.text + "'");
  return *found;
}

int32_t Decoder::value(const Operand& o, Type type) {
  if (o.kind == Operand::name) return destination(o);
  if (o.kind != Operand::number) fail("a register or a number was expected");
  if (type == Type::pred) return builder.constant(o.bits != 0);
  const bool is_float = type == Type::f32 || type == Type::f64;
  if (is_float ? o.number_kind != (type == Type::f32 ? 'f' : 'd')
               : o.number_kind == (bytes_of(type) == 8 ? 'f' : 'd'))
    fail("a number of another type");
  return builder.constant(o.bits);
}

int32_t Decoder::list(const std::vector<int32_t>& operands) {
  builder.function.lists.push_back(operands);
  return int32_t(builder.function.lists.size()) - 1;
}

// x[slot]: the base's register; a variable is a constant.
void Decoder::address(size_t k, int slot, Space space) {
  const Operand& o = operand(k);
  if (o.kind != Operand::address) fail("an address was expected");
  out.offset = o.offset;
  if (const int32_t* base = builder.find_register(o.text)) {
    out.x[slot] = *base;
  } else if (const Symbol* variable = builder.find_variable(o.text)) {
    if (variable->space != space) fail("'" + o.text + "' is in another state space");
    if (space == Space::local) fail("a variable of local memory by name is not covered");
    out.x[slot] = builder.constant(variable->address);
  } else {
    fail("no register or variable '" + o.text + "'");
  }
}

void Decoder::label(size_t k) { builder.jumps.emplace_back(builder.function.code.size(), operand(k).text); }

Instruction Decoder::finish() {
  if (taken_ != modifiers_.size()) fail("the modifier ." + modifiers_[taken_] + " is not covered here");
  return out;
}

Instruction decode(Builder& builder, const Statement& statement) {
  Decoder d(builder, statement);
  for (const auto kind : {decode_integer, decode_float, decode_logic, decode_convert, decode_move,
                          decode_memory, decode_control, decode_warp})
    if (kind(d)) return d.finish();
  d.fail("the instruction '" + d.base() + "' is not covered");
}

}  // namespace odeon::ptx
