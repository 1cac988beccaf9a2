#include "solve/cancel.hpp"

#include <chrono>
#include <odeon/sdk/error.hpp>
#include <thread>

namespace odeon::cuda {
namespace {

using Clock = std::chrono::steady_clock;
// A short solve is waited for without sleeping.
constexpr auto kShort = std::chrono::milliseconds(2);
constexpr auto kNap = std::chrono::microseconds(100);

}  // namespace

Cancel::Cancel(const odeon_host* host, Memory& memory, cudaStream_t stream)
    : host_(host),
      stream_(stream),
      room_(memory),
      word_(room_.of<int32_t>(sizeof *word_)),
      source_(make_pinned(2 * sizeof *word_)),
      beside_(make_stream()),
      done_(make_event()) {
  int32_t* source = static_cast<int32_t*>(source_.get());
  source[0] = 0, source[1] = 1;
  clear();
}

Cancel::~Cancel() { cudaStreamSynchronize(beside_.get()); }

// There when it returns: else it could come behind what `wait` puts there for the next solve.
void Cancel::clear() {
  put(0, stream_);
  check_runtime(cudaStreamSynchronize(stream_), "telling a solve to end");
}

void Cancel::put(int32_t value, cudaStream_t by) {
  check_runtime(cudaMemcpyAsync(word_, static_cast<int32_t*>(source_.get()) + value, sizeof *word_,
                                cudaMemcpyHostToDevice, by),
                "telling a solve to end");
}

void Cancel::wait() {
  check_runtime(cudaEventRecord(done_.get(), stream_), "waiting for a solve");
  bool told = false;
  const Clock::time_point begin = Clock::now();
  for (;;) {
    const cudaError_t state = cudaEventQuery(done_.get());
    if (state == cudaSuccess) break;
    if (state != cudaErrorNotReady) check_runtime(state, "waiting for a solve");
    if (!told && host_->poll_cancel(host_)) {
      put(1, beside_.get());
      check_runtime(cudaStreamSynchronize(beside_.get()), "telling a solve to end");
      told = true;
    }
    if (Clock::now() - begin < kShort)
      std::this_thread::yield();
    else
      std::this_thread::sleep_for(kNap);
  }
  cudaGetLastError();  // an event that is not ready is an error that is kept
  if (!told) return;
  clear();
  throw StatusError(ODEON_CANCELLED);
}

}  // namespace odeon::cuda
