// How a copy through a pinned half is cut.
#pragma once
#include <cstdint>

namespace odeon::cuda {

constexpr int64_t kStagingHalf = int64_t{2} << 20;  // bytes; transfers of this size reach the bus's full rate

// Part i of a copy of `bytes` begins at i * kStagingHalf.
constexpr int64_t part_count(int64_t bytes) { return bytes < 1 ? 0 : (bytes - 1) / kStagingHalf + 1; }
constexpr int64_t part_bytes(int64_t bytes, int64_t part) {
  const int64_t left = bytes - part * kStagingHalf;
  return left < kStagingHalf ? left : kStagingHalf;
}

}  // namespace odeon::cuda
