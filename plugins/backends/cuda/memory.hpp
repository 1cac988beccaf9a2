// Device memory from a stream-ordered pool that keeps what is given back, under a budget.
#pragma once
#include <unordered_map>
#include <vector>

#include "budget.hpp"
#include "handles.hpp"

namespace odeon::cuda {

// Memory that is given back may still be in use by work on the streams that were added; the pool hands it out
// again after that work. Used by one thread at a time.
class Memory {
 public:
  Memory(int device, int64_t limit);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // Ready for every stream when it returns. nullptr for 0 bytes. ODEON_E_NO_MEMORY with sizes and remedy.
  void* allocate(int64_t bytes);
  // Waits for nothing.
  void release(void* memory) noexcept;

  void add_stream(cudaStream_t stream) { streams_.push_back(stream); }
  void remove_stream(cudaStream_t stream);

 private:
  Budget budget_;
  const Pool pool_;
  const Stream stream_;  // the order of allocations
  const Event used_;
  std::vector<cudaStream_t> streams_;
  std::unordered_map<void*, int64_t> sizes_;
};

}  // namespace odeon::cuda
