// Takes one statement apart. Each kind of instruction has a file decode_*.cpp; what no function takes from
// the statement (a modifier, an operand) is an error.
#pragma once
#include <initializer_list>

#include "ptx/statement.hpp"

namespace odeon::ptx {

enum class Type { pred, b8, u8, s8, b16, u16, s16, b32, u32, s32, f32, b64, u64, s64, f64 };
unsigned bytes_of(Type type);

class Decoder {
 public:
  Decoder(Builder& builder, const Statement& statement);

  const std::string& base() const { return base_; }
  const std::string& opcode() const { return statement_.opcode; }
  // Whether the next modifier is this one, which is then taken.
  bool take(const char* modifier);
  void expect(const char* modifier);
  // All of them, by whoever compared the whole opcode.
  void take_all() { taken_ = modifiers_.size(); }
  Type type();
  // Of the last modifier, which is not taken; pred where it is no type.
  Type last_type() const;
  size_t operands() const { return statement_.operands.size(); }
  void expect_operands(size_t count) const;
  const Operand& operand(size_t k) const { return statement_.operands[k]; }

  // Where an operand's value is.
  int32_t value(const Operand& o, Type type);
  int32_t value(size_t k, Type type) { return value(operand(k), type); }
  int32_t destination(const Operand& o);
  int32_t destination(size_t k) { return destination(operand(k)); }
  // A list of operands by number.
  int32_t list(const std::vector<int32_t>& operands);
  // [base + offset] into x[slot] and offset; the space of a variable where the instruction names none.
  void address(size_t k, int slot, Space space);
  void label(size_t k);

  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void unknown_type() const { fail("this type is not covered"); }
  Instruction finish();

  Builder& builder;
  Instruction out;

 private:
  const Statement& statement_;
  std::string base_;
  std::vector<std::string> modifiers_;
  size_t taken_ = 0;
};

// Each says whether the instruction is of its kind.
bool decode_integer(Decoder& d);
bool decode_float(Decoder& d);
bool decode_logic(Decoder& d);
bool decode_convert(Decoder& d);
bool decode_move(Decoder& d);
bool decode_memory(Decoder& d);
bool decode_control(Decoder& d);
bool decode_warp(Decoder& d);

}  // namespace odeon::ptx
