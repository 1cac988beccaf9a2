// The part of the stand-in that kernels need: they run as C++ functions, the threads of a block as fibers.
#pragma once
#include <cuda_runtime_api.h>

#include <cmath>
#include <functional>

#define __global__
#define __device__
#define __shared__ static  // blocks run one after the other

using std::isfinite;
using std::isnan;

struct dim3 {
  unsigned x, y, z;
  dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
extern dim3 threadIdx, blockIdx, blockDim, gridDim;
void __syncthreads();
void __syncwarp();

struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  size_t dynamicSmemBytes;
  cudaStream_t stream;
};

namespace fake {
// Every thread of every block, now or where the stream is being captured with the graph; ends the process
// where not all threads of a block reach the same barrier.
void launch(const cudaLaunchConfig_t& config, const std::function<void()>& thread);
// Which of a block's threads goes first to each barrier; a result that depends on it is a race.
extern bool last_thread_first;
// body() with device memory in place, once for all that is called in it.
void with_memory(const std::function<void()>& body);
// graphs.cpp: whether work was put into the graph that captures the stream.
bool captured(cudaStream_t stream, const std::function<void()>& work);
// Ends the process where the stream is being captured.
void not_captured(cudaStream_t stream, const char* what);
void set_condition(unsigned long long handle, unsigned value);
}  // namespace fake

template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               const Arguments&... arguments) {
  fake::launch(*config, [=] { kernel(arguments...); });
  return cudaSuccess;
}

template <class Kernel>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes*, Kernel*) {
  return cudaSuccess;
}
