#include "graph/arena.hpp"

#include <algorithm>

namespace odeon::cuda {
namespace {

constexpr int64_t kLine = 256;  // bytes; a warp's accesses begin at whole transactions

struct Region {
  int64_t begin, end;
};

}  // namespace

// First fit, in the order in which the values are computed.
ArenaLayout lay_out(const std::vector<ArenaValue>& values, int64_t batch, int64_t element_bytes) {
  ArenaLayout out;
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t bytes = (values[i].count.of(batch) * element_bytes + kLine - 1) / kLine * kLine;
    std::vector<Region> taken;
    for (size_t j = 0; j < i; ++j) {
      const bool together = values[j].first <= values[i].last && values[i].first <= values[j].last;
      const int64_t size = (values[j].count.of(batch) * element_bytes + kLine - 1) / kLine * kLine;
      if (together) taken.push_back({out.offsets[j], out.offsets[j] + size});
    }
    std::sort(taken.begin(), taken.end(), [](const Region& a, const Region& b) { return a.begin < b.begin; });
    int64_t at = 0;
    for (const Region& r : taken) {
      if (r.begin >= at + bytes) break;
      at = std::max(at, r.end);
    }
    out.offsets.push_back(at);
    out.bytes = std::max(out.bytes, at + bytes);
  }
  return out;
}

}  // namespace odeon::cuda
