// What a run of a graph takes by count, for comparing its time with a device's peaks: floating-point
// operations, and bytes of memory if every value that a kernel touches came or went once.
#pragma once
#include <string>

#include "graph/schedule.hpp"

namespace odeon::cuda {

struct GeneratedGraph;

// A number that grows with the batch.
struct Linear {
  double fixed = 0, per_row = 0;
  void add(const Count& count, double times = 1) {
    (count.batch ? per_row : fixed) += times * double(count.inner);
  }
  double of(int64_t batch) const { return fixed + per_row * double(batch); }
};

struct Work {
  Linear flops;     // an elementwise function counts as one, a term of a product as two
  Linear elements;  // read and written
};
Work work_of(const GraphValues& values, const Schedule& schedule, const KernelPlan& plan);

struct Cost {
  double flops, bytes;
};
// All outputs overwritten.
Cost cost_of(const GeneratedGraph& graph, int64_t batch, int64_t element_bytes);

// "3 kernels, batch 128: 1.2e+09 flops, 3.4e+07 bytes a run; product 64 x 4608, sums of 576: tiles 64 x 64".
std::string describe(const GeneratedGraph& graph, int64_t batch, int64_t element_bytes);

}  // namespace odeon::cuda
