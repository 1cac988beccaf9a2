#include "solve/cancel.hpp"

#include <chrono>
#include <odeon/sdk/error.hpp>
#include <thread>

#include "device.hpp"

namespace odeon::cuda {
namespace {

using Clock = std::chrono::steady_clock;
// A short solve is waited for without sleeping.
constexpr auto kShort = std::chrono::milliseconds(2);
constexpr auto kNap = std::chrono::microseconds(100);

}  // namespace

Cancel::Cancel(const odeon_host* host, Memory& memory, cudaStream_t stream)
    : host_(host), memory_(memory), stream_(stream) {
  word_ = static_cast<int32_t*>(memory_.allocate(sizeof *word_));
  void* pinned = nullptr;
  check_runtime(cudaHostAlloc(&pinned, 2 * sizeof *source_, cudaHostAllocDefault),
                "allocating pinned host memory");
  source_ = static_cast<int32_t*>(pinned);
  source_[0] = 0, source_[1] = 1;
  check_runtime(cudaStreamCreateWithFlags(&beside_, cudaStreamNonBlocking), "creating a stream");
  check_runtime(cudaEventCreateWithFlags(&done_, cudaEventDisableTiming), "creating an event");
  put(0, stream_);
}

Cancel::~Cancel() {
  if (beside_) cudaStreamSynchronize(beside_), cudaStreamDestroy(beside_);
  if (done_) cudaEventSynchronize(done_), cudaEventDestroy(done_);
  if (source_) cudaFreeHost(source_);
  memory_.release(word_);
}

void Cancel::put(int32_t value, cudaStream_t by) {
  check_runtime(cudaMemcpyAsync(word_, source_ + value, sizeof *word_, cudaMemcpyHostToDevice, by),
                "telling a solve to end");
}

void Cancel::wait() {
  check_runtime(cudaEventRecord(done_, stream_), "waiting for a solve");
  bool told = false;
  const Clock::time_point begin = Clock::now();
  for (;;) {
    const cudaError_t state = cudaEventQuery(done_);
    if (state == cudaSuccess) break;
    if (state != cudaErrorNotReady) check_runtime(state, "waiting for a solve");
    if (!told && host_->poll_cancel(host_)) {
      put(1, beside_);
      check_runtime(cudaStreamSynchronize(beside_), "telling a solve to end");
      told = true;
    }
    if (Clock::now() - begin < kShort)
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(kNap);
  }
  cudaGetLastError();  // an event that is not ready is an error that is kept
  if (!told) return;
  put(0, stream_);
  check_runtime(cudaEventRecord(done_, stream_), "waiting for a solve");
  throw StatusError(ODEON_CANCELLED);
}

}  // namespace odeon::cuda
