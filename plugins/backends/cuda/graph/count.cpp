#include "graph/count.hpp"

namespace odeon::cuda {

Count count_of(const odeon_node& node, int64_t first, int64_t last) {
  Count c;
  for (int64_t i = first; i < last; ++i) {
    if (node.shape[i] == ODEON_BATCH)
      c.batch = true;
    else
      c.inner *= node.shape[i];
  }
  return c;
}
Count count_of(const odeon_node& node) { return count_of(node, 0, node.rank); }

std::string text(const Count& c) {
  if (!c.batch) return std::to_string(c.inner);
  return c.inner == 1 ? "ODEON_BATCH" : "(ODEON_BATCH * " + std::to_string(c.inner) + ")";
}

}  // namespace odeon::cuda
