// The order of a plan's steps. Elementwise values of equal size join one step, as late as their
// consumers allow, so that derivative graphs recompute cheap factors instead of storing them.
#pragma once
#include <vector>

#include "graph/analysis.hpp"

namespace odeon::cpu {

struct StepPlan {
  bool is_group;  // elementwise values and written-out views of `count` elements
  int64_t count;
  std::vector<int> values;  // in order
};

struct Schedule {
  std::vector<StepPlan> steps;
  std::vector<int> step_of;     // by value; -1: no step writes it
  std::vector<char> in_memory;  // by value: its result leaves its step
};

Schedule make_schedule(const Analysis& analysis);

}  // namespace odeon::cpu
