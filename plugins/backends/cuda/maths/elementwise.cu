// fill, lincomb and select: one thread per element.
#include "maths/launches.hpp"
#include "maths/start.hpp"

namespace odeon::cuda {
namespace {

__device__ int64_t first_item() { return int64_t(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ int64_t item_stride() { return int64_t(gridDim.x) * blockDim.x; }

template <class T>
__global__ void fill_kernel(T* out, int64_t size, T value) {
  for (int64_t i = first_item(); i < size; i += item_stride()) out[i] = value;
}

// z may be base or any term: each element is read before it is written, by the same thread.
template <class T>
__global__ void lincomb_kernel(T* z, const T* base, const Terms<T> terms, const RowScale scale,
                               int64_t size) {
  for (int64_t i = first_item(); i < size; i += item_stride()) {
    T sum = 0;
#pragma unroll 4
    for (int k = 0; k < terms.count; ++k) sum += terms.c[k] * terms.x[k][i];
    if (scale.device) sum *= T(scale.device[scale.stride ? i / scale.row_size * scale.stride : 0]);
    z[i] = base ? base[i] + sum : sum;
  }
}

template <class T>
__global__ void select_kernel(T* z, const uint8_t* mask, const T* a, const T* b, int64_t row_size,
                              int64_t size) {
  for (int64_t i = first_item(); i < size; i += item_stride()) z[i] = mask[i / row_size] ? a[i] : b[i];
}

}  // namespace

template <class T>
void launch_fill(cudaStream_t stream, T* out, int64_t size, T value) {
  start(fill_kernel<T>, item_blocks(size), stream, out, size, value);
}

template <class T>
void launch_lincomb(cudaStream_t stream, T* z, const T* base, const Terms<T>& terms, RowScale scale,
                    int64_t size) {
  start(lincomb_kernel<T>, item_blocks(size), stream, z, base, terms, scale, size);
}

template <class T>
void launch_select(cudaStream_t stream, T* z, const uint8_t* mask, const T* a, const T* b, int64_t row_size,
                   int64_t size) {
  start(select_kernel<T>, item_blocks(size), stream, z, mask, a, b, row_size, size);
}

cudaError_t probe_kernels() {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, fill_kernel<float>);
}

template void launch_fill(cudaStream_t, float*, int64_t, float);
template void launch_fill(cudaStream_t, double*, int64_t, double);
template void launch_lincomb(cudaStream_t, float*, const float*, const Terms<float>&, RowScale, int64_t);
template void launch_lincomb(cudaStream_t, double*, const double*, const Terms<double>&, RowScale, int64_t);
template void launch_select(cudaStream_t, float*, const uint8_t*, const float*, const float*, int64_t,
                            int64_t);
template void launch_select(cudaStream_t, double*, const uint8_t*, const double*, const double*, int64_t,
                            int64_t);

}  // namespace odeon::cuda
