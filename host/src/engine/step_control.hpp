// Step-size control: how the next step follows from the scaled errors of the last ones.
// I: Hairer, Norsett, Wanner I, II.4. PI: Gustafsson, ACM TOMS 17 (1991) 533-554. PID: Soderlind,
// ACM TOMS 29 (2003) 1-26, his H312PID.
#pragma once
#include "engine/solver_options.hpp"

namespace odeon::host {

class StepControl {
 public:
  StepControl(const SolverSettings& settings, int order);

  // Factor on h after a step with scaled error norm `error` (<= 1: accepted). A non-finite error shrinks
  // by the smallest factor. Of the elementary controller the factor is torchdiffeq's.
  double factor(double error);
  // Forgets the steps so far, after a jump.
  void restart() { last_ = before_last_ = last_factor_ = 1; }

 private:
  ControlLaw law_;
  double order_, safety_, min_factor_, max_factor_;
  double last_ = 1, before_last_ = 1;  // scaled errors of accepted steps
  double last_factor_ = 1;             // h of the last accepted step over that of the one before
};

}  // namespace odeon::host
