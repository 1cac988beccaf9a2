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

  // Step i becomes the one that was order[i].
  void reorder(const std::vector<int>& order);
};

Schedule make_schedule(const Analysis& analysis);

// read(value) for the values that the step reads from memory.
template <class Read>
void for_each_read(const Analysis& a, const Schedule& schedule, int step, const Read& read) {
  for (int v : schedule.steps[size_t(step)].values)
    for (int32_t k = 0; k < a.at(v).node.n_inputs; ++k) {
      const int u = a.at(v).node.inputs[k], root = a.at(u).root;
      if (a.is_folded(u)) {
        for (int32_t j = 0; j < a.at(root).node.n_inputs; ++j) read(a.at(root).node.inputs[j]);
      } else if (schedule.step_of[size_t(root)] != step || schedule.in_memory[size_t(root)]) {
        read(u);
      }
    }
}

// write(step) for the steps that write a root: of a CONCAT stored in place, those of its parts.
template <class Write>
void for_each_writer(const Analysis& a, const Schedule& schedule, int root, const Write& write) {
  if (a.at(root).joined) {
    for (int32_t k = 0; k < 2; ++k) for_each_writer(a, schedule, a.at(a.at(root).node.inputs[k]).root, write);
  } else if (schedule.step_of[size_t(root)] >= 0) {
    write(schedule.step_of[size_t(root)]);
  }
}

}  // namespace odeon::cpu
