// The part of the stand-in that kernels need: they run as C++ functions, the threads of a block as fibers.
#pragma once
#include <cuda_runtime_api.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <vector>

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
  bool together = false;  // as cuLaunchCooperativeKernel
};

namespace fake {
struct SharedMemory {
  char* begin = nullptr;
  size_t bytes = 0;
};
// Every thread of every block, with the work of its stream, or with the graph that captures it. Ends the
// process where not all threads of a block reach the same barrier. shared: filled with NaNs in front of each
// block.
void launch(const cudaLaunchConfig_t& config, const std::function<void()>& thread,
            const SharedMemory& shared = {});
// grid() with the work of the stream, or with the graph that captures it; one grid at a time.
void submit(const cudaLaunchConfig_t& config, const std::function<void()>& grid);
// In which order threads go to each barrier, and blocks one after the other: 0 the first one first, 1 the
// last one first, else at random from this seed. A result that depends on it is a race.
extern unsigned order;
// What a thread does that waits for other blocks of its launch: they may run now.
void look_again();
constexpr unsigned kMultiprocessors = 3;
// Kernels run at once, on memory of the host. For tests of kernels alone.
extern bool without_device;
struct Range {
  char* begin;
  size_t bytes;
};
// Which memory that is, for a stand-in that checks it.
std::vector<Range>& lent_by_host();
// runtime.cpp: an error that was kept and not taken would be told as that of the next launch.
void expect_no_old_error();
// graphs.cpp: whether work was put into the graph that captures the stream.
bool captured(cudaStream_t stream, const std::function<void()>& work);
void set_condition(unsigned long long handle, unsigned value);
}  // namespace fake

namespace fake {
// A kernel of the backend's own (maths/*.cu), which compiler.cpp runs as the function that it is, `thread`, and
// ptx/own_kernels.cpp by its PTX and its parameters' bytes, one behind the other.
void launch_own(const cudaLaunchConfig_t& config, const std::function<void()>& thread, const void* kernel,
                const std::vector<char>& parameters);

template <class Parameter>
void append(std::vector<char>& bytes, const Parameter& value) {
  const size_t at = (bytes.size() + alignof(Parameter) - 1) / alignof(Parameter) * alignof(Parameter);
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, static_cast<const void*>(&value), sizeof value);
}
}  // namespace fake

template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               const Arguments&... arguments) {
  fake::expect_no_old_error();
  std::vector<char> bytes;
  (fake::append<Parameters>(bytes, arguments), ...);
  fake::launch_own(*config, [=] { kernel(arguments...); }, reinterpret_cast<const void*>(kernel), bytes);
  return cudaSuccess;
}

template <class Kernel>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes*, Kernel*) {
  return cudaSuccess;
}
