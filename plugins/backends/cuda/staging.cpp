#include "staging.hpp"

#include <cstring>

namespace odeon::cuda {

Staging::Staging(cudaStream_t stream)
    : stream_(stream),
      half_{make_pinned(kStagingHalf), make_pinned(kStagingHalf)},
      done_{make_event(), make_event()} {}

Staging::~Staging() {
  for (const Event& done : done_) cudaEventSynchronize(done.get());
}

void Staging::wait(int half) { check_runtime(cudaEventSynchronize(done_[half].get()), "waiting for a copy"); }

void Staging::to_device(void* to, const void* from, int64_t bytes) {
  for (int64_t part = 0; part < part_count(bytes); ++part, next_ ^= 1) {
    const int64_t at = part * kStagingHalf;
    const auto size = static_cast<size_t>(part_bytes(bytes, part));
    wait(next_);
    std::memcpy(half_[next_].get(), static_cast<const char*>(from) + at, size);
    check_runtime(cudaMemcpyAsync(static_cast<char*>(to) + at, half_[next_].get(), size,
                                  cudaMemcpyHostToDevice, stream_),
                  "copying to the device");
    check_runtime(cudaEventRecord(done_[next_].get(), stream_), "copying to the device");
  }
}

void Staging::to_host(void* to, const void* from, int64_t bytes) {
  const int64_t count = part_count(bytes);
  // Part i goes through half i % 2: it is on its way while part i - 1 is copied out.
  for (int64_t part = 0; part <= count; ++part) {
    if (part < count) {
      const int half = static_cast<int>(part % 2);
      check_runtime(
          cudaMemcpyAsync(half_[half].get(), static_cast<const char*>(from) + part * kStagingHalf,
                          static_cast<size_t>(part_bytes(bytes, part)), cudaMemcpyDeviceToHost, stream_),
          "copying to the host");
      check_runtime(cudaEventRecord(done_[half].get(), stream_), "copying to the host");
    }
    if (part > 0) {
      const int half = static_cast<int>((part - 1) % 2);
      wait(half);
      std::memcpy(static_cast<char*>(to) + (part - 1) * kStagingHalf, half_[half].get(),
                  static_cast<size_t>(part_bytes(bytes, part - 1)));
    }
  }
}

}  // namespace odeon::cuda
