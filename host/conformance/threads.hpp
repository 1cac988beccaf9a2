// Counting threads: compute plugins start none, parallelism belongs to the backend.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

int thread_count();  // of this process

// Knows how many there are without the plugin.
class ThreadWatch {
 public:
  explicit ThreadWatch(const Subject& s);
  Finding verdict(int most) const;

 private:
  int expected_;
};

}  // namespace odeon::host::conformance
