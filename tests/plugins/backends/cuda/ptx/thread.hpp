// What a launch is made of while it runs: threads with a program counter each, their blocks, and the grid.
#pragma once
#include <array>
#include <bit>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "ptx/program.hpp"
#include "ptx/shadow.hpp"

namespace odeon::ptx {

struct Block;
struct Grid;
constexpr unsigned kWarp = 32;

struct Frame {
  const Function* function;
  int32_t at;  // the next instruction
  size_t registers, parameters, locals;
  const Call* call = nullptr;  // that the function above this one was called by
};

struct Thread {
  enum State : uint8_t { running, at_block_barrier, at_warp, ended };
  uint64_t* x = nullptr;  // registers of the frame on top
  const uint64_t* constants = nullptr;
  const Instruction* next = nullptr;
  Block* block = nullptr;
  unsigned index = 0;  // in the block
  State state = running;
  bool carry = false;  // of add.cc and the like
  uint32_t mask = 0;   // of the warp's threads that it waits for
  uint64_t looks = 0;  // at volatile memory, since anything else happened
  Knowledge knows;
  std::vector<Frame> frames;
  std::vector<uint64_t> registers;
  std::vector<char> parameters, locals, local_is_set;

  unsigned lane() const { return index % kWarp; }
  const Instruction& waits_at() const { return next[-1]; }
  char* parameter(uint64_t offset) { return parameters.data() + frames.back().parameters + offset; }

  template <class T>
  T get(int32_t operand) const {
    const uint64_t bits = operand >= 0 ? x[operand] : constants[-1 - operand];
    T value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  template <class T>
  void set(int32_t to, T value) {
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    x[to] = bits;
  }
};

// Its threads by bits: those that there are, that wait for others of it, that have ended.
struct Warp {
  uint32_t present = 0, waiting = 0, ended = 0;
};

struct Block {
  Grid* grid = nullptr;
  unsigned index = 0, waiting = 0, ended = 0;
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  std::vector<char> shared;
  Shadow shared_shadow;
  uint32_t stamp = 0;  // of its shared memory
  uint32_t epoch = 0;  // barriers so far

  Thread* threads_of_warp(const Thread& t) { return threads.data() + t.index / kWarp * kWarp; }
};

// Device memory that a kernel may touch.
struct Piece {
  char* begin;
  uint64_t bytes;
  Shadow* shadow = nullptr;
};

struct Settings {
  unsigned blocks = 1, threads = 1, seed = 0;
  unsigned resident = 1;  // blocks that run at the same time, ...
  bool together = false;  // ... which are all of them
  std::vector<Piece> memory;
  std::function<void(uint64_t handle, unsigned value)> set_condition;
};

struct Grid {
  const Module& module;
  const Function& kernel;
  const Settings& settings;
  std::vector<Piece> pieces;                   // by address
  std::array<const Piece*, 256> last_piece{};  // by instruction
  std::vector<Block*> blocks;
  std::vector<Thread*> ready;
  std::map<uint64_t, std::vector<uint32_t>> published;  // by address: what a strong write made known
  uint32_t stamp = 0;                                   // of device memory
  uint64_t executed = 0;
  bool wrote = false;  // since somebody looked
};

// Throws Error with kernel, instruction, block and thread.
[[noreturn]] void fail(const Thread& t, const Instruction& i, const std::string& what);

// decode_control.cpp: a frame for f, and back to the one under the frame that was left. Registers begin as
// NaNs.
constexpr uint64_t kUnset = ~uint64_t{0};
void enter(Thread& t, const Function& f, const Call* by);
void leave(Thread& t, const Frame& left);
// meeting.cpp: a thread comes to a synchronisation of its warp, with what is done when all of the mask are
// there; to a barrier of its block; to its end.
void arrive(Thread& t, uint32_t mask, void (*together)(Thread* warp, const Instruction& i, uint32_t mask));
void arrive_at_block(Thread& t);
void end(Thread& t);

// schedule.cpp: a kernel with the bytes of its parameters. How many instructions ran.
uint64_t launch(const Module& module, const std::string& kernel, const void* parameters,
                const Settings& settings);

}  // namespace odeon::ptx
