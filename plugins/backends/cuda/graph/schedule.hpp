// Values into kernels, in the order in which they run. A kernel of items computes many values of one size,
// each thread all of them at one position; a kernel of blocks computes one value.
#pragma once
#include <set>
#include <utility>
#include <vector>

#include "graph/values.hpp"

namespace odeon::cuda {

struct KernelPlan {
  bool block = false;
  Count count;                            // items, or block items
  std::vector<int> members;               // values computed here, in order
  std::vector<std::pair<int, int>> puts;  // (value, output): the value's elements go to the output
  std::set<int> reads;                    // roots read from memory
};

struct Schedule {
  std::vector<KernelPlan> kernels;
  std::vector<int> kernel_of;  // by value; -1: not computed
  std::vector<char> stored;    // by value: computed, and read from memory by a later kernel
};

Schedule make_schedule(const GraphValues& values);

}  // namespace odeon::cuda
