#include "solve/totals.hpp"

#include "device.hpp"
#include "launch.hpp"
#include "maths/launches.hpp"

namespace odeon::cuda {

void Totals::add_up(odeon_queue& queue, const odeon_row_result* results, int64_t rows) {
  const int64_t parts = partial_count(rows);
  sums_ = room_.of<odeon_solve_totals>((parts + 1) * int64_t{sizeof(odeon_solve_totals)});
  launch_totals(queue.stream, results, rows, sums_ + 1, sums_);
  check_runtime(cudaGetLastError(), "starting a kernel");
}

odeon_solve_totals Totals::read(odeon_queue& queue) const {
  odeon_solve_totals sums{};
  queue.staging->to_host(&sums, sums_, sizeof sums);
  return sums;
}

}  // namespace odeon::cuda
