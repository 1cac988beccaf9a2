// A module of PTX, decoded: functions whose instructions know the code that runs them and where their
// operands are.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ptx/text.hpp"

namespace odeon::ptx {

struct Thread;
struct Instruction;
struct Function;
using Step = void (*)(Thread&, const Instruction&);

// Where an address is meant (PTX ISA, "State Spaces"). Addresses of shared and local memory are offsets from
// their beginning; a generic one has its window's bit set.
enum class Space : uint8_t { generic, global, shared, local, param };
constexpr uint64_t kSharedWindow = uint64_t{1} << 60, kLocalWindow = uint64_t{1} << 61;

// Reads and writes of memory.
struct Access {
  Space space = Space::generic;
  uint8_t bytes = 0, count = 1;  // of an element; elements
  bool is_signed = false, is_volatile = false, non_coherent = false;
};

struct Instruction {
  Step run = nullptr;
  // Of a register, or -1 - the index of a constant. Destinations first.
  int32_t x[6] = {};
  int32_t guard = -1;  // a predicate's register
  bool negated = false;
  Access access;
  int32_t target =
      0;  // of a branch: where; of a call: which of the function's calls; else: a list of operands
  uint32_t line = 0;
  int64_t offset = 0;
};

// Parameters are bytes of a function's frame; so are those that it passes on.
struct Call {
  std::string name;
  const Function* callee = nullptr;  // null: a function of the driver's
  std::vector<int64_t> arguments;
  int64_t result = 0;
  bool has_result = false;
};
struct Parameter {
  std::string name;
  int64_t offset, bytes;
};

struct Function {
  std::string name;
  bool entry = false, external = false;
  std::vector<Parameter> parameters, results;
  int64_t parameter_bytes = 0, local_bytes = 0;  // of a frame
  int32_t registers = 0;
  unsigned most_threads = 1024;  // .maxntid
  std::vector<Instruction> code;
  std::vector<uint64_t> constants;
  std::vector<std::vector<int32_t>> lists;
  std::vector<Call> calls;
};

// [begin, begin + bytes) of shared memory.
struct SharedVariable {
  std::string name;
  uint64_t begin, bytes;
};

struct Module {
  explicit Module(const std::string& source) : text(source) {}
  Text text;
  std::map<std::string, Function> functions;
  std::vector<SharedVariable> shared;
  uint64_t shared_bytes = 0;
  std::vector<std::unique_ptr<std::vector<char>>> globals;  // variables of device memory
};

// Throws Error for whatever this interpreter does not know.
std::unique_ptr<Module> parse(const std::string& source);

}  // namespace odeon::ptx
