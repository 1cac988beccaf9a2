#include "compile/module.hpp"

#include "budget.hpp"
#include "compile/library.hpp"

namespace odeon::cuda {
namespace {

struct Driver {
  decltype(cuGetErrorString)* error_string;
  decltype(cuModuleLoadData)* load;
  decltype(cuModuleUnload)* unload;
  decltype(cuModuleGetFunction)* function;
  decltype(cuLaunchKernel)* launch;
  decltype(cuLaunchCooperativeKernel)* launch_together;

  Driver() {
    const RuntimeLibrary library({"libcuda.so.1"}, ODEON_E_NO_DEVICE);
    library.find(error_string, "cuGetErrorString");
    library.find(load, "cuModuleLoadData");
    library.find(unload, "cuModuleUnload");
    library.find(function, "cuModuleGetFunction");
    library.find(launch, "cuLaunchKernel");
    library.find(launch_together, "cuLaunchCooperativeKernel");
  }

  void check(CUresult result, const char* what) const {
    if (result == CUDA_SUCCESS) return;
    const char* words = nullptr;
    error_string(result, &words);
    // A launch takes local memory for all threads that the device runs at once.
    const bool full = result == CUDA_ERROR_OUT_OF_MEMORY;
    throw Error(
        std::string(what) + ": " + (words ? words : "an error without a name") + (full ? kUseLessMemory : ""),
        full ? ODEON_E_NO_MEMORY : ODEON_E_INTERNAL);
  }
};

const Driver& driver() {
  static const Driver found;
  return found;
}

}  // namespace

// A driver that loads lazily does so when it is asked for a kernel (CUDA C++ Programming Guide, "Lazy
// Loading"), which must not be while a stream is being captured.
Module::Module(const std::string& image, const std::vector<std::string>& names) {
  const Driver& d = driver();
  d.check(d.load(&module_, image.c_str()), "loading compiled kernels");
  try {
    for (const std::string& name : names) {
      kernels_.emplace_back();
      d.check(d.function(&kernels_.back(), module_, name.c_str()), "finding a compiled kernel");
    }
  } catch (...) {
    d.unload(module_);
    throw;
  }
}

Module::~Module() {
  if (module_) driver().unload(module_);
}

void Module::launch(size_t kernel, unsigned blocks, unsigned threads, CUstream stream,
                    const void* argument) const {
  void* arguments[] = {const_cast<void*>(argument)};
  driver().check(
      driver().launch(kernels_[kernel], blocks, 1, 1, threads, 1, 1, 0, stream, arguments, nullptr),
      "starting a compiled kernel");
}

void Module::launch_together(size_t kernel, unsigned blocks, unsigned threads, CUstream stream,
                             const void* argument) const {
  void* arguments[] = {const_cast<void*>(argument)};
  driver().check(
      driver().launch_together(kernels_[kernel], blocks, 1, 1, threads, 1, 1, 0, stream, arguments),
      "starting a compiled kernel whose blocks wait for each other");
}

}  // namespace odeon::cuda
