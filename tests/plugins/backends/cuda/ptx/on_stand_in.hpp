// Kernels by the interpreter, as work of the stand-in's streams.
#pragma once
#include <cuda_runtime.h>

#include "ptx/thread.hpp"

namespace fake {

// The module outlives the work.
void launch_ptx(const cudaLaunchConfig_t& config, const odeon::ptx::Module& module, const std::string& kernel,
                const std::vector<char>& parameters);

}  // namespace fake
