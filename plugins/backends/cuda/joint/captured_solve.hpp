// The phases of a joint solve as a captured loop.
#pragma once
#include "joint/captured.hpp"
#include "joint/joint_source.hpp"

namespace odeon::cuda {

struct SolveWork {
  // Launches a phase on the stream. which: see JointArgs; conditions: kConditions handles, 0 for none.
  std::function<void(Phase, int64_t which, const unsigned long long* conditions)> phase;
  std::function<void(int call)> field;  // launches the kernels of a call of the field
  bool estimates_first_step;
  bool fsal;
  int stages;
  bool fixed = false;       // steps between the points of a grid
  bool integrates = false;  // what is beside the state
};

void capture_solve(CapturedSequence& all, const SolveWork& work);
// Parts of it: what is launched behind the derivative at the begin; the loop of trials.
void launch_first_step(const SolveWork& work, unsigned long long running);
void capture_trials(CapturedSequence& solve, const SolveWork& work, unsigned long long running);

}  // namespace odeon::cuda
