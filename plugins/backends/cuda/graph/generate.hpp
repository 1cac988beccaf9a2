// A graph as source text with the list of its kernels. Knows neither the batch size nor a device.
#pragma once
#include <odeon/graph.h>

#include "graph/kernel_writer.hpp"

namespace odeon::cuda {

struct GeneratedKernel {
  std::string name;
  bool block;   // one block per item instead of one thread
  Count count;  // items
  std::vector<Place> pointers;
  std::vector<int> reads, writes;  // arena values
};

// A value with memory of its own, from the kernel that computes it to the last that reads it.
struct ArenaValue {
  int value;
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
GeneratedGraph generate(const odeon_graph& graph, int32_t dtype);

}  // namespace odeon::cuda
