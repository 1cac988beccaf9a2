#include "compile/module.hpp"

#include "compile/library.hpp"

namespace odeon::cuda {
namespace {

struct Driver {
  decltype(cuGetErrorString)* error_string;
  decltype(cuModuleLoadData)* load;
  decltype(cuModuleUnload)* unload;
  decltype(cuModuleGetFunction)* function;
  decltype(cuLaunchKernel)* launch;

  Driver() {
    const RuntimeLibrary library({"libcuda.so.1"}, ODEON_E_NO_DEVICE);
    library.find(error_string, "cuGetErrorString");
    library.find(load, "cuModuleLoadData");
    library.find(unload, "cuModuleUnload");
    library.find(function, "cuModuleGetFunction");
    library.find(launch, "cuLaunchKernel");
  }

  void check(CUresult result, const char* what) const {
    if (result == CUDA_SUCCESS) return;
    const char* words = nullptr;
    error_string(result, &words);
    throw Error(std::string(what) + ": " + (words ? words : "an error without a name"), ODEON_E_INTERNAL);
  }
};

const Driver& driver() {
  static const Driver found;
  return found;
}

}  // namespace

Module::Module(const std::string& image, const std::vector<std::string>& names) {
  driver().check(driver().load(&module_, image.c_str()), "loading compiled kernels");
  for (const std::string& name : names) {
    kernels_.emplace_back();
    driver().check(driver().function(&kernels_.back(), module_, name.c_str()), "finding a compiled kernel");
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

}  // namespace odeon::cuda
