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
};

void capture_solve(CapturedSequence& all, const SolveWork& work);

}  // namespace odeon::cuda
