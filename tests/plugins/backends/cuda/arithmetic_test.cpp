// Shapes of launches, parts of copies and the memory budget.
#include <doctest/doctest.h>

#include <limits>

#include "budget.hpp"
#include "launch.hpp"
#include "parts.hpp"

using namespace odeon::cuda;

namespace {
constexpr int64_t kHuge = std::numeric_limits<int64_t>::max() / 2;
constexpr int64_t kGridLimit =
    2147483647;  // blocks in x, CUDA C++ Programming Guide, compute capability 3.0 and later
}  // namespace

TEST_CASE("a launch per item has a thread for every item, or loops, and nothing to do for none") {
  CHECK(item_blocks(0) == 0);
  for (int64_t items : {1, 255, 256, 257, 100003}) {
    const int64_t threads = int64_t(item_blocks(items)) * kThreads;
    CHECK(threads >= items);
    CHECK(threads - items < kThreads);
  }
  CHECK(item_blocks(kHuge) == kMaxBlocks);
  CHECK(kMaxBlocks <= kGridLimit);
}

TEST_CASE("rows have a block each up to the limit of a grid") {
  CHECK(row_blocks(1) == 1);
  CHECK(row_blocks(1000) == 1000);
  CHECK(row_blocks(kHuge) == kMaxBlocks);
}

TEST_CASE("the chunks of a reduction cover every element once, and an empty one has a chunk") {
  CHECK(partial_count(0) == 1);
  for (int64_t n : {int64_t{1}, kChunk - 1, kChunk, kChunk + 1, 10 * kChunk + 7}) {
    CHECK(partial_count(n) * kChunk >= n);
    CHECK((partial_count(n) - 1) * kChunk < n);
  }
}

TEST_CASE("the parts of a copy are all of it") {
  CHECK(part_count(0) == 0);
  CHECK(part_count(-1) == 0);
  for (int64_t bytes : {int64_t{1}, kStagingHalf - 1, kStagingHalf, kStagingHalf + 1, 5 * kStagingHalf + 3}) {
    int64_t sum = 0;
    for (int64_t i = 0; i < part_count(bytes); ++i) {
      CHECK(part_bytes(bytes, i) > 0);
      CHECK(part_bytes(bytes, i) <= kStagingHalf);
      sum += part_bytes(bytes, i);
    }
    CHECK(sum == bytes);
  }
}

TEST_CASE("a budget holds what fits, and says what does not, with sizes and remedy") {
  Budget b(1000);
  CHECK(b.fits(1000));
  CHECK_FALSE(b.fits(1001));
  b.take(600);
  CHECK(b.fits(400));
  CHECK_FALSE(b.fits(401));
  CHECK_FALSE(b.fits(std::numeric_limits<int64_t>::max()));
  CHECK(
      b.refusal(401, -1) ==
      "out of device memory: 401 bytes were asked for, 600 are held of a memory_limit of 1000; use a smaller "
      "batch, precision: float32 or gradient checkpoint, or raise memory_limit");
  b.give_back(600);
  CHECK(b.held() == 0);
  CHECK(b.fits(1000));
}

TEST_CASE("without a budget only the device refuses") {
  Budget b;
  b.take(5);
  CHECK(b.fits(std::numeric_limits<int64_t>::max()));
  CHECK(b.refusal(7, 6) ==
        "out of device memory: 7 bytes were asked for, 5 are held, 6 are free on the device; use a smaller "
        "batch, "
        "precision: float32 or gradient checkpoint");
}
