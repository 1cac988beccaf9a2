// Starts a kernel with blocks of kThreads threads. Included where the compiler knows kernels.
#pragma once
#include <cuda_runtime.h>

#include "launch.hpp"

namespace odeon::cuda {

// What does not start is told by cudaGetLastError.
template <class... Parameters, class... Arguments>
void start(void (*kernel)(Parameters...), unsigned blocks, cudaStream_t stream,
           const Arguments&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(blocks);
  config.blockDim = dim3(kThreads);
  config.stream = stream;
  cudaLaunchKernelEx(&config, kernel, arguments...);
}

}  // namespace odeon::cuda
