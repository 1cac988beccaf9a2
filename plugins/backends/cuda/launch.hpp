// Shapes of launches. They depend on sizes alone, never on the device: sums are added in the same order
// everywhere.
#pragma once
#include <cstdint>

namespace odeon::cuda {

constexpr int kThreads = 256;            // of every block
constexpr int64_t kChunk = 4096;         // elements that one block of a reduction adds up
constexpr int64_t kMaxBlocks = 1 << 20;  // of an elementwise launch; threads go on by the size of the grid
constexpr int64_t kShortRow = 32;        // rows up to here are reduced by one thread each

constexpr int64_t ceil_div(int64_t n, int64_t by) { return (n + by - 1) / by; }

// Of a launch with one thread per item that loops by the grid; 0: nothing to launch.
constexpr unsigned item_blocks(int64_t items) {
  const int64_t blocks = ceil_div(items, kThreads);
  return static_cast<unsigned>(blocks < kMaxBlocks ? blocks : kMaxBlocks);
}

// Of a launch with one block per row that loops by the grid.
constexpr unsigned row_blocks(int64_t rows) {
  return static_cast<unsigned>(rows < kMaxBlocks ? rows : kMaxBlocks);
}

// First level of a reduction; the second is one block. At least one, which gives an empty one its value.
constexpr int64_t partial_count(int64_t elements) { return elements < 1 ? 1 : ceil_div(elements, kChunk); }

}  // namespace odeon::cuda
