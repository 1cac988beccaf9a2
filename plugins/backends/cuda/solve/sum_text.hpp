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
#ifdef __CUDACC__
  extern "C" __global__ void __launch_bounds__(256) odeon_sum(const sum_args a) {
#else
  extern "C" void odeon_sum(const sum_args a) {
#endif
    ODEON_EACH_BLOCK_ITEM(column, a.columns) {
      double sum = 0;
      ODEON_EACH_SHARE(i, a.n) sum += a.x[column * a.n + i];
      sum = block_sum(sum);
      if (!ODEON_FIRST_THREAD) continue;
      if (a.out) a.out[column] = sum;
      if (a.add_to) a.add_to[column] += (T)sum;
    }
  }
)cpp";

}  // namespace odeon::cuda
