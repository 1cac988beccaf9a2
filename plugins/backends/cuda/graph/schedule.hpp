// Values into kernels, in the order in which they run. A kernel of items computes many values of one size,
// each thread all of them at one position; a kernel of blocks computes one value; a kernel of tiles or of
// warps a product and, like a kernel of items, values that need it at one position.
#pragma once
#include <set>
#include <utility>
#include <vector>

#include "graph/values.hpp"

namespace odeon::cuda {

struct KernelPlan {
  enum Kind { items, blocks, tiles, warps } kind = items;
  Count count;                            // items, block items, or elements of the product
  int product = -1;                       // tiles, warps: the value
  std::vector<int> members;               // values computed here, in order
  std::vector<std::pair<int, int>> puts;  // (value, output): the value's elements go to the output
  std::set<int> reads;                    // slots read from memory
};

// Memory of its own is a slot: that of value i is slot i, that of the sums of a product's slices
// slices_of(i).
struct Schedule {
  std::vector<KernelPlan> kernels;
  std::vector<int> kernel_of;  // by slot; -1: not computed
  std::vector<char> stored;    // by slot: computed, and read from memory by a later kernel
  int slices_of(int i) const { return i + static_cast<int>(stored.size() / 2); }
};

Schedule make_schedule(const GraphValues& values);

}  // namespace odeon::cuda
