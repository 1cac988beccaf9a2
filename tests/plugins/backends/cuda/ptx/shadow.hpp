// Who touched which bytes, and what orders two accesses: a barrier of the block, a synchronisation within a
// warp, or, between blocks, a fence and a strong (volatile or atomic) access on either side (PTX ISA, "Memory
// Consistency Model": synchronizes-with). Two accesses of different threads to a byte that nothing orders, of
// which one is a write and one is not strong, are a race. Barriers count up: an access has its block's count
// (epoch) and its thread's count of warp synchronisations (clock), and is ordered before whoever knows a
// larger one.
#pragma once
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace odeon::ptx {

struct Thread;
struct Instruction;

// Of a thread, about the others.
struct Knowledge {
  uint32_t clock = 0;                     // its own
  std::array<uint32_t, 32> warp{};        // clocks of its warp's threads
  std::vector<uint32_t> blocks;           // epochs of other blocks; empty: of none
  std::vector<uint32_t> at_fence, heard;  // what a strong write makes known; what strong reads have found
};

struct Visit {
  uint32_t block, epoch, clock, line;
  uint16_t thread;
};

// Reads since the last write, as few as tell what a write must come behind.
enum class Readers : uint8_t { none, one, lanes, warps, blocks };

struct Cell {
  uint32_t stamp;  // of the launch (of shared memory: of the block) that it speaks of
  Readers readers;
  bool is_written, strong_write, strong_reads, non_coherent;
  uint32_t lanes;  // that read, of a warp; of several blocks: which list has their epochs
  Visit write, read;
};

enum class Use : uint8_t { read, write, strong_read, strong_write, non_coherent };

// Of one piece of memory. A cell is for 8 bytes, or for as few as somebody touched alone.
class Shadow {
 public:
  // Makes room for it.
  void cover(uint64_t bytes);
  // Throws where the access races, or reads what the block has not written (only_written).
  void visit(const Thread& t, const Instruction& i, uint32_t stamp, uint64_t offset, unsigned bytes, Use use,
             bool only_written);

 private:
  void refine(unsigned shift);
  void look(const Thread& t, const Instruction& i, const Cell& c, Use use, bool only_written) const;
  bool are_readers_before(const Thread& t, const Cell& c) const;
  void add_reader(const Thread& t, Cell& c, const Visit& v);
  void forget_readers(Cell& c);
  uint32_t new_list();
  static constexpr uint32_t kUnlisted = ~0u;
  struct Free {
    void operator()(Cell* p) const { std::free(p); }
  };
  uint64_t bytes_ = 0;
  unsigned shift_ = 3;  // a cell is for 2^shift_ bytes
  std::unique_ptr<Cell[], Free> cells_;
  std::vector<std::vector<uint32_t>> lists_;  // by block: 1 + the epoch of its last read, or 0
  std::vector<uint32_t> free_;
};

// A barrier of threads of a warp.
void meet(Thread* warp, uint32_t mask);
void join(std::vector<uint32_t>& into, const std::vector<uint32_t>& other);

}  // namespace odeon::ptx
