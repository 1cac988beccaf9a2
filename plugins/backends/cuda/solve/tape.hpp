// How much of a batch's steps is kept at once for its reverse: rows in parts one after the other, and of each
// row the state of every n-th step, between which states are computed again.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace odeon::cuda {

// Bytes of one row's state, and of what it has per step and once.
struct TapeSizes {
  int64_t state, step, row;
};

struct TapePart {
  int64_t first, rows;  // of the batch
  int64_t steps;        // the most that a row of it takes
  int64_t every;        // states are kept of every such step
  int64_t states() const { return (steps + every - 1) / every; }
  int64_t between() const { return every > 1 ? every : 0; }  // states of one piece, computed again
  int64_t bytes(const TapeSizes& sizes) const {
    return rows * (steps * sizes.step + (states() + between()) * sizes.state + sizes.row);
  }
};

constexpr int64_t kTapeLimit = int64_t{1} << 28;  // bytes that are kept at once, unless the caller says so

struct TapeLimits {
  int64_t bytes;        // of a part
  int64_t most_states;  // of a row; 0: no bound
};

// steps: of each row. No part exceeds the limit of bytes, unless it is one row, which then keeps as little as
// it can. Parts that would keep a device too idle are not made where keeping fewer states makes larger ones.
// Throws ODEON_E_NO_MEMORY where a row needs more than most_states.
std::vector<TapePart> tape_parts(std::span<const int64_t> steps, const TapeSizes& sizes,
                                 const TapeLimits& limits);

}  // namespace odeon::cuda
