#include "staging.hpp"

#include <cstring>

#include "device.hpp"

namespace odeon::cuda {

Staging::Staging(cudaStream_t stream) : stream_(stream) {
  for (int i = 0; i < 2; ++i) {
    check_runtime(cudaHostAlloc(&half_[i], kStagingHalf, cudaHostAllocDefault),
                  "allocating pinned host memory");
    check_runtime(cudaEventCreateWithFlags(&done_[i], cudaEventDisableTiming), "creating an event");
  }
}

Staging::~Staging() {
  for (int i = 0; i < 2; ++i) {
    if (done_[i]) cudaEventSynchronize(done_[i]), cudaEventDestroy(done_[i]);
    if (half_[i]) cudaFreeHost(half_[i]);
  }
}

void Staging::wait(int half) { check_runtime(cudaEventSynchronize(done_[half]), "waiting for a copy"); }

void Staging::to_device(void* to, const void* from, int64_t bytes) {
  for (int64_t part = 0; part < part_count(bytes); ++part, next_ ^= 1) {
    const int64_t at = part * kStagingHalf;
    const auto size = static_cast<size_t>(part_bytes(bytes, part));
    wait(next_);
    std::memcpy(half_[next_], static_cast<const char*>(from) + at, size);
    check_runtime(
        cudaMemcpyAsync(static_cast<char*>(to) + at, half_[next_], size, cudaMemcpyHostToDevice, stream_),
        "copying to the device");
    check_runtime(cudaEventRecord(done_[next_], stream_), "copying to the device");
  }
}

void Staging::to_host(void* to, const void* from, int64_t bytes) {
  const int64_t count = part_count(bytes);
  // Part i goes through half i % 2: it is on its way while part i - 1 is copied out.
  for (int64_t part = 0; part <= count; ++part) {
    if (part < count) {
      const int half = static_cast<int>(part % 2);
      check_runtime(
          cudaMemcpyAsync(half_[half], static_cast<const char*>(from) + part * kStagingHalf,
                          static_cast<size_t>(part_bytes(bytes, part)), cudaMemcpyDeviceToHost, stream_),
          "copying to the host");
      check_runtime(cudaEventRecord(done_[half], stream_), "copying to the host");
    }
    if (part > 0) {
      const int half = static_cast<int>((part - 1) % 2);
      wait(half);
      std::memcpy(static_cast<char*>(to) + (part - 1) * kStagingHalf, half_[half],
                  static_cast<size_t>(part_bytes(bytes, part - 1)));
    }
  }
}

}  // namespace odeon::cuda
