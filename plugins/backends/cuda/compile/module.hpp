// Code on a device, loaded through the driver.
#pragma once
#include <cuda.h>

#include <string>
#include <vector>

namespace odeon::cuda {

class Module {
 public:
  // Into the context of this thread. names: of the kernels in the order of `launch`.
  Module(const std::string& image, const std::vector<std::string>& names);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // The kernel's one argument is copied.
  void launch(size_t kernel, unsigned blocks, unsigned threads, CUstream stream, const void* argument) const;
  // All blocks run at once, or it is an error.
  void launch_together(size_t kernel, unsigned blocks, unsigned threads, CUstream stream,
                       const void* argument) const;

 private:
  CUmodule module_ = nullptr;
  std::vector<CUfunction> kernels_;
};

}  // namespace odeon::cuda
