// The kernels behind the required maths. Arguments are checked, sizes positive unless said; every call
// launches on `stream` and waits for nothing.
#pragma once
#include <cuda_runtime_api.h>
#include <odeon/ext/solve.h>

#include <cstdint>

namespace odeon::cuda {

constexpr int kTermLimit = 64;

// sum_i c[i] x[i]. By value to the kernel: 1 KiB of its 4 KiB of parameters.
template <class T>
struct Terms {
  int32_t count;
  T c[kTermLimit];
  const T* x[kTermLimit];
};

// A factor in device memory, one for all or one per row; null: 1.
struct RowScale {
  const double* device;
  int64_t stride, row_size;
};

template <class T>
void launch_fill(cudaStream_t stream, T* out, int64_t size, T value);
template <class T>
void launch_lincomb(cudaStream_t stream, T* z, const T* base, const Terms<T>& terms, RowScale scale,
                    int64_t size);
template <class T>
void launch_select(cudaStream_t stream, T* z, const uint8_t* mask, const T* a, const T* b, int64_t row_size,
                   int64_t size);

// Quotients E / S of error_norm.
template <class T>
struct NormTerms {
  Terms<T> terms;
  RowScale scale;
  const T *y0, *y1;
  double rtol, atol;
  const double *rtol_vector, *atol_vector;
  int64_t row_size;
};

// One norm over rows * row_size elements, or one per row. partials: partial_count doubles. Sizes may be 0.
template <class T>
void launch_norm(cudaStream_t stream, const NormTerms<T>& p, bool max_norm, bool per_row, int64_t rows,
                 double* partials, double* result);
// operation: ODEON_REDUCE_*. size may be 0.
template <class T>
void launch_reduce(cudaStream_t stream, int32_t operation, const T* x, int64_t size, double* partials,
                   double* result);
template <class T>
void launch_dot(cudaStream_t stream, const T* x, const T* y, int64_t size, double* partials, double* result);

// Of `count` rows. parts: partial_count of them.
void launch_totals(cudaStream_t stream, const odeon_row_result* rows, int64_t count,
                   odeon_solve_totals* parts, odeon_solve_totals* out);

// Whether the device has code of this build.
cudaError_t probe_kernels();

}  // namespace odeon::cuda
