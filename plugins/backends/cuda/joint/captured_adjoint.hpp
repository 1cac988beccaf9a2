// The phases of a joint adjoint as a captured loop: one over the solves, and in it that of a solve's trials.
#pragma once
#include "joint/adjoint_source.hpp"
#include "joint/captured_solve.hpp"

namespace odeon::cuda {

struct AdjointWork {
  SolveWork solve;
  // Launches a phase between the solves. conditions: another solve; this one goes on; 0 for none.
  std::function<void(AdjointPhase, const unsigned long long* conditions)> phase;
  bool wants_times;
};

void capture_adjoint(CapturedSequence& all, const AdjointWork& work);

}  // namespace odeon::cuda
