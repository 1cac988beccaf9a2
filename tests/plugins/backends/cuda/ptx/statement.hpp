// One instruction as it is written, and what decoding needs to know of the function around it.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "ptx/program.hpp"

namespace odeon::ptx {

struct Operand {
  enum Kind { name, number, address, list, pair } kind = name;
  std::string text;            // of a name; of an address: its base, which may be empty
  uint64_t bits = 0;           // of a number
  char number_kind = 'i';      // i: an integer; f, d: the bits of a float or a double
  int64_t offset = 0;          // of an address
  std::vector<Operand> parts;  // of a list or pair
};

struct Statement {
  std::string guard;
  bool negated = false;
  std::string opcode;
  std::vector<Operand> operands;
  uint32_t line = 0;
};

// A variable in a memory.
struct Symbol {
  Space space;
  uint64_t address;
};

// A function while it is read. Names of registers and variables live in scopes.
struct Builder {
  Module& module;
  Function& function;
  struct Scope {
    std::map<std::string, int32_t> registers;
    std::map<std::string, Symbol> variables;
    int64_t parameter_bytes = 0;
  };
  std::vector<Scope> scopes;
  const std::map<std::string, Symbol>& of_module;
  std::map<std::string, int32_t> labels;
  std::vector<std::pair<size_t, std::string>> jumps;  // instructions whose targets are labels

  int32_t constant(uint64_t bits);
  const int32_t* find_register(const std::string& name) const;
  const Symbol* find_variable(const std::string& name) const;
};

// decode.cpp
Instruction decode(Builder& builder, const Statement& statement);

}  // namespace odeon::ptx
