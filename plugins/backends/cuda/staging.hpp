// Copies between pageable host memory and the device through two pinned halves: while one is on its way, the
// other is filled or emptied.
#pragma once
#include "handles.hpp"
#include "parts.hpp"

namespace odeon::cuda {

// Of one stream.
class Staging {
 public:
  explicit Staging(cudaStream_t stream);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  // `from` may change when it returns; the copy itself is in the order of the stream.
  void to_device(void* to, const void* from, int64_t bytes);
  // Complete when it returns.
  void to_host(void* to, const void* from, int64_t bytes);

 private:
  void wait(int half);
  cudaStream_t stream_;
  const Pinned half_[2];
  const Event done_[2];  // the last copy out of or into the half
  int next_ = 0;
};

}  // namespace odeon::cuda
