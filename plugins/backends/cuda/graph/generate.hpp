// A graph as source text with the list of its kernels. Knows no device, and no batch size but for the choice
// of how products are computed.
#pragma once
#include <odeon/graph.h>

#include "graph/cost.hpp"
#include "graph/kernel_writer.hpp"

namespace odeon::cuda {

struct GeneratedKernel {
  std::string name;
  KernelPlan::Kind kind;
  Count count;      // items
  Product product;  // tiles
  Way way;
  Work work;
  std::vector<Place> pointers;
  std::vector<int> reads, writes;  // slots

  int threads() const;                   // of a block
  unsigned blocks(int64_t batch) const;  // 0: nothing to do
};

// Memory of its own, from the kernel that computes it to the last that reads it.
struct ArenaValue {
  int slot;
  Count count;
  int first, last;
};

struct GeneratedGraph {
  std::string source;
  std::vector<GeneratedKernel> kernels;
  std::vector<ArenaValue> arena;
  int64_t n_inputs = 0, theta_end = 0;
  int64_t n_outputs = 0;
};

// The graph must be valid. ODEON_E_UNSUPPORTED with the op's name where there is no code for it.
GeneratedGraph generate(const odeon_graph& graph, int32_t dtype, const ProductSettings& products = {});

}  // namespace odeon::cuda
