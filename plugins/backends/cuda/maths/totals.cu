// Sums of how the rows of a solve ended, which are whole numbers: a block adds up a chunk of rows, one block
// the chunks.
#include "maths/launches.hpp"
#include "maths/start.hpp"

namespace odeon::cuda {
namespace {

__device__ void add(odeon_solve_totals& to, const odeon_solve_totals& more) {
  to.failed += more.failed;
  to.accepted += more.accepted, to.rejected += more.rejected;
  if (more.evaluations > to.evaluations) to.evaluations = more.evaluations;
}
__device__ void add(odeon_solve_totals& to, const odeon_row_result& row) {
  add(to, odeon_solve_totals{1, row.status != ODEON_ROW_DONE, row.accepted, row.rejected, row.evaluations});
}

// out[b] of chunk b, for as many chunks as there are blocks.
template <class Item>
__global__ void add_chunks(const Item* items, int64_t size, int64_t chunk, odeon_solve_totals* out) {
  __shared__ odeon_solve_totals part[kThreads];
  const int64_t first = int64_t(blockIdx.x) * chunk, last = first + chunk < size ? first + chunk : size;
  odeon_solve_totals sum = {1, 0, 0, 0, 0};
  for (int64_t i = first + threadIdx.x; i < last; i += kThreads) add(sum, items[i]);
  part[threadIdx.x] = sum;
  __syncthreads();
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) add(part[threadIdx.x], part[threadIdx.x + half]);
    __syncthreads();
  }
  if (threadIdx.x == 0) out[blockIdx.x] = part[0];
}

}  // namespace

void launch_totals(cudaStream_t stream, const odeon_row_result* rows, int64_t count,
                   odeon_solve_totals* parts, odeon_solve_totals* out) {
  const int64_t chunks = partial_count(count);
  start(add_chunks<odeon_row_result>, static_cast<unsigned>(chunks), stream, rows, count, kChunk, parts);
  start(add_chunks<odeon_solve_totals>, 1, stream, static_cast<const odeon_solve_totals*>(parts), chunks,
        chunks, out);
}

}  // namespace odeon::cuda
