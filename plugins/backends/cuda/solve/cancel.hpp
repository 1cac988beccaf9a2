// Ending a whole solve midway. Its kernels look at a word in device memory every so many steps; the host,
// while it waits, asks whether the user wants to stop, and then sets the word by a stream of its own.
#pragma once
#include <odeon/host.h>

#include "solve/room.hpp"

namespace odeon::cuda {

// Of one queue, for solves one after the other.
class Cancel {
 public:
  Cancel(const odeon_host* host, Memory& memory, cudaStream_t stream);
  ~Cancel();
  Cancel(const Cancel&) = delete;
  Cancel& operator=(const Cancel&) = delete;

  // Not 0: end now, with whatever result.
  const int32_t* word() const { return word_; }
  // For all that is queued. Throws StatusError(ODEON_CANCELLED) where the user has asked to stop meanwhile;
  // then results are of no use.
  void wait();

 private:
  void put(int32_t value, cudaStream_t by);
  void clear();
  const odeon_host* host_;
  const cudaStream_t stream_;
  Room room_;
  int32_t* const word_;
  const Pinned source_;  // what is copied to the word, 0 and 1
  const Stream beside_;
  const Event done_;
};

}  // namespace odeon::cuda
