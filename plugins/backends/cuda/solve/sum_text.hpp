// Sums of what rows or threads have computed, in an order that depends on sizes alone.
#pragma once

namespace odeon::cuda {

constexpr const char* kSumText = R"cpp(
  struct sum_args {
    const double* x;  // [columns][n]
    int64 n, columns;
    double* out;  // [columns]: the sums; or null
    T* add_to;    // likewise, where they are added
  };
  ODEON_WHOLE_KERNEL(odeon_sum, sum_args) {
    for (int64 column = ODEON_GRID_BLOCK; column < g.columns; column += ODEON_GRID_BLOCKS) {
      double sum = 0;
      ODEON_EACH_SHARE(i, g.n) sum += g.x[column * g.n + i];
      sum = block_sum(sum);
      if (!ODEON_FIRST_THREAD) continue;
      if (g.out) g.out[column] = sum;
      if (g.add_to) g.add_to[column] += (T)sum;
    }
  }
)cpp";

}  // namespace odeon::cuda
