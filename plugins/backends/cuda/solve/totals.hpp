// What a solve of many rows tells the host where none failed: their results are 64 bytes each.
#pragma once
#include <odeon/ext/solve.h>

#include "backend.hpp"
#include "solve/room.hpp"

namespace odeon::cuda {

class Totals {
 public:
  explicit Totals(Memory& memory) : room_(memory) {}
  // Puts the sums of the results, which are in device memory, on the queue.
  void add_up(odeon_queue& queue, const odeon_row_result* results, int64_t rows);
  // Behind it, when the queue has come there.
  odeon_solve_totals read(odeon_queue& queue) const;

 private:
  Room room_;
  odeon_solve_totals* sums_ = nullptr;
};

}  // namespace odeon::cuda
