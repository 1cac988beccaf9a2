#include "device.hpp"

#include <dlfcn.h>
#include <odeon/ext/ranks.h>

#include "budget.hpp"
#include "maths/launches.hpp"

namespace odeon::cuda {
namespace {

std::string words(cudaError_t error) {
  return std::string(cudaGetErrorString(error)) + " (" + cudaGetErrorName(error) + ")";
}

// Without the driver's library the runtime only says that the driver is too old.
std::string driver_words(cudaError_t error) {
  if (error == cudaErrorInsufficientDriver) {
    if (void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL))
      dlclose(driver);
    else
      return std::string(dlerror()) + "; " + words(error);
  }
  return words(error);
}

const char* remedy(cudaError_t error) {
  switch (error) {
    case cudaErrorSystemNotReady:
      return "start the driver's services (GPUs behind NVSwitch: nvidia-fabricmanager)";
    case cudaErrorDevicesUnavailable:
      return "wait until other processes give it back, or end them";
    default:
      return "install the NVIDIA driver for this machine's GPU";
  }
}

[[noreturn]] void throw_no_device(cudaError_t error, const std::string& why) {
  throw Error("no device: " + why + "; " + remedy(error) + ", or use backend 'cpu'", ODEON_E_NO_DEVICE);
}

int local_rank(const odeon_host* host) {
  const odeon_str id = ODEON_STR(ODEON_EXT_HOST_RANKS);
  odeon_communicator_info place{sizeof(odeon_communicator_info), 0, 1, 0};
  if (const auto* ranks = static_cast<const odeon_ranks_api*>(host->get_ext(host, id))) ranks->info(&place);
  return place.local_rank;
}

}  // namespace

void check_runtime(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // an error that is not sticky is told once
  const bool full = error == cudaErrorMemoryAllocation;
  throw Error(std::string(what) + ": " + words(error) + (full ? kUseLessMemory : ""),
              full ? ODEON_E_NO_MEMORY : ODEON_E_INTERNAL);
}

std::string device_name(int index) {
  cudaDeviceProp properties;
  check_runtime(cudaGetDeviceProperties(&properties, index), "asking for the device's name");
  return "cuda device " + std::to_string(index) + ": " + properties.name + ", compute capability " +
         std::to_string(properties.major) + "." + std::to_string(properties.minor);
}

int compute_capability(int index) {
  int major = 0, minor = 0;
  check_runtime(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, index),
                "asking for the device");
  check_runtime(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, index),
                "asking for the device");
  return 10 * major + minor;
}

int blocks_at_once(int index) {
  int cooperates = 0, multiprocessors = 0;
  check_runtime(cudaDeviceGetAttribute(&cooperates, cudaDevAttrCooperativeLaunch, index),
                "asking for the device");
  check_runtime(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, index),
                "asking for the device");
  return cooperates ? multiprocessors : 0;
}

int open_device(const odeon_host* host, int64_t index, int32_t mark) {
  int count = 0;
  const cudaError_t counted = cudaGetDeviceCount(&count);
  if (counted != cudaSuccess) {
    cudaGetLastError();
    throw_no_device(counted, driver_words(counted));
  }
  if (count == 0) throw_no_device(cudaErrorNoDevice, "the driver lists no GPU");
  if (index < 0) index = local_rank(host) % count;
  if (index >= count) {
    std::string names;
    for (int i = 0; i < count; ++i) names += (i ? "; " : "") + device_name(i);
    throw Error("'device' is " + std::to_string(index) + ", but the driver lists " + std::to_string(count) +
                    ": " + names,
                ODEON_E_INVALID, mark);
  }
  if (const cudaError_t set = cudaSetDevice(static_cast<int>(index)); set != cudaSuccess) {
    cudaGetLastError();
    throw_no_device(set, words(set));  // taken by others, or in a state that only a reset ends
  }
  if (const cudaError_t code = probe_kernels(); code != cudaSuccess) {
    cudaGetLastError();
    throw Error(device_name(static_cast<int>(index)) +
                    " cannot run this build, made for the architectures " ODEON_CUDA_ARCHITECTURES ": " +
                    words(code) + "; build with -DODEON_CUDA_ARCHITECTURES=native",
                ODEON_E_UNSUPPORTED);
  }
  return static_cast<int>(index);
}

}  // namespace odeon::cuda
