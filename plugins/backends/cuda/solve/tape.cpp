#include "solve/tape.hpp"

#include <algorithm>

namespace odeon::cuda {
namespace {

constexpr int64_t kEnoughRows = 16384;  // that a device is busy with them

int64_t most(std::span<const int64_t> steps) {
  return steps.empty() ? 0 : *std::max_element(steps.begin(), steps.end());
}

// The smallest spacing with which the part fits, else the one that needs least.
int64_t spacing(TapePart part, const TapeSizes& sizes, int64_t limit) {
  int64_t least = 1, least_bytes = part.bytes(sizes);
  for (part.every = 1; part.every * part.every <= 4 * part.steps; ++part.every) {
    const int64_t bytes = part.bytes(sizes);
    if (bytes <= limit) return part.every;
    if (bytes < least_bytes) least = part.every, least_bytes = bytes;
  }
  return least;
}

}  // namespace

std::vector<TapePart> tape_parts(std::span<const int64_t> steps, const TapeSizes& sizes, int64_t limit) {
  std::vector<TapePart> parts;
  const int64_t batch = static_cast<int64_t>(steps.size());
  for (int64_t first = 0; first < batch; first += parts.back().rows) {
    TapePart part{first, std::min(kEnoughRows, batch - first), 0, 1};
    const auto of = [&](int64_t rows) { return most(steps.subspan(size_t(first), size_t(rows))); };
    part.steps = of(part.rows);
    part.every = spacing(part, sizes, limit);
    while (part.rows > 1 && part.bytes(sizes) > limit) {
      part.rows = std::max<int64_t>(1, std::min(part.rows / 2, part.rows * limit / part.bytes(sizes)));
      part.steps = of(part.rows);
    }
    part.every = spacing(part, sizes, limit);  // with fewer steps in it, perhaps more states
    for (TapePart more = part; more.first + more.rows < batch; part = more) {  // as many as fit
      more.steps = std::max(more.steps, steps[size_t(more.first + more.rows)]);
      ++more.rows;
      if (more.bytes(sizes) > limit) break;
    }
    parts.push_back(part);
  }
  return parts;
}

}  // namespace odeon::cuda
