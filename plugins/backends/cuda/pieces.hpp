// Offsets of pieces of one piece of memory.
#pragma once
#include <cstdint>

#include "launch.hpp"

namespace odeon::cuda {

struct Pieces {
  int64_t line = 256;  // bytes: each begins at a boundary
  int64_t bytes = 0;
  int64_t take(int64_t size) {
    const int64_t at = bytes;
    bytes += ceil_div(size, line) * line;
    return at;
  }
};

}  // namespace odeon::cuda
