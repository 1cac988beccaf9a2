// Where the values of a graph lie in one block of memory; those that are never alive together share.
#pragma once
#include <vector>

#include "graph/generate.hpp"

namespace odeon::cuda {

struct ArenaLayout {
  std::vector<int64_t> offsets;  // bytes, by position in GeneratedGraph::arena
  int64_t bytes = 0;
};

ArenaLayout lay_out(const std::vector<ArenaValue>& values, int64_t batch, int64_t element_bytes);

}  // namespace odeon::cuda
