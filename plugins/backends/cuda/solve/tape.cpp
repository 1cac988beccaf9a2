#include "solve/tape.hpp"

#include <algorithm>
#include <odeon/sdk/error.hpp>
#include <string>

namespace odeon::cuda {
namespace {

constexpr int64_t kEnoughRows = 16384;  // that a device is busy with them

int64_t most(std::span<const int64_t> steps) {
  return steps.empty() ? 0 : *std::max_element(steps.begin(), steps.end());
}

// The smallest spacing with which the part fits, else the one that needs least.
int64_t spacing(TapePart part, const TapeSizes& sizes, const TapeLimits& limits) {
  int64_t best = 0, least_bytes = 0;
  for (part.every = 1; part.every * part.every <= 4 * part.steps; ++part.every) {
    if (limits.most_states > 0 && part.states() + part.between() > limits.most_states) continue;
    const int64_t bytes = part.bytes(sizes);
    if (bytes <= limits.bytes) return part.every;
    if (best == 0 || bytes < least_bytes) best = part.every, least_bytes = bytes;
  }
  if (best == 0 && part.steps > 0)
    throw Error("a row of " + std::to_string(part.steps) + " steps cannot be differentiated with " +
                    std::to_string(limits.most_states) + " of its states in memory; allow more",
                ODEON_E_NO_MEMORY);
  return std::max<int64_t>(best, 1);
}

}  // namespace

std::vector<TapePart> tape_parts(std::span<const int64_t> steps, const TapeSizes& sizes,
                                 const TapeLimits& limits) {
  std::vector<TapePart> parts;
  const int64_t batch = static_cast<int64_t>(steps.size());
  for (int64_t first = 0; first < batch; first += parts.back().rows) {
    TapePart part{first, std::min(kEnoughRows, batch - first), 0, 1};
    const auto of = [&](int64_t rows) { return most(steps.subspan(size_t(first), size_t(rows))); };
    part.steps = of(part.rows);
    part.every = spacing(part, sizes, limits);
    while (part.rows > 1 && part.bytes(sizes) > limits.bytes) {
      part.rows = std::max<int64_t>(1, std::min(part.rows / 2, part.rows * limits.bytes / part.bytes(sizes)));
      part.steps = of(part.rows);
      part.every = spacing(part, sizes, limits);  // with fewer steps in it, perhaps more states
    }
    for (TapePart more = part; more.first + more.rows < batch; part = more) {  // as many as fit
      more.steps = std::max(more.steps, steps[size_t(more.first + more.rows)]);
      ++more.rows;
      const bool holds = limits.most_states == 0 || more.states() + more.between() <= limits.most_states;
      if (!holds || more.bytes(sizes) > limits.bytes) break;
    }
    parts.push_back(part);
  }
  return parts;
}

}  // namespace odeon::cuda
