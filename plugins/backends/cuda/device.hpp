// The device of an instance, and errors of the CUDA runtime as exceptions.
#pragma once
#include <cuda_runtime_api.h>

#include <odeon/sdk/error.hpp>
#include <string>

namespace odeon::cuda {

// Throws ODEON_E_INTERNAL, or ODEON_E_NO_MEMORY, with the runtime's words unless the call succeeded. what:
// "copying to the device".
void check_runtime(cudaError_t error, const char* what);

// Makes device `index` the one of this thread, and returns it; -1: the one of this process's place among
// those that train together on this machine (odeon.host.ranks/1), beginning anew behind the last. Throws
// ODEON_E_NO_DEVICE with the driver's words where there is none, ODEON_E_INVALID at `mark` for an index that
// does not exist.
int open_device(const odeon_host* host, int64_t index, int32_t mark);

// "cuda device 0: NVIDIA H100, compute capability 9.0".
std::string device_name(int index);
// 90: compute capability 9.0.
int compute_capability(int index);
// Blocks of which each has a multiprocessor and may wait for the others; 0: none may.
int blocks_at_once(int index);

}  // namespace odeon::cuda
