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

// First step by Hairer, Norsett, Wanner II.4, from scaled norms d0 = |y0|, d1 = |f0|: the trial step h0 ...
double trial_step(double d0, double d1);
// ... and the step, with d2 = |f(t0 + h0, y0 + h0 f0) - f0| / h0. order: the exponent is 1/order.
double first_step(double h0, double d1, double d2, int order);

}  // namespace odeon::host
