// Step sizes of methods for stiff problems, from the error estimate and from how Newton's iteration
// converges: the predictive controller of K. Gustafsson (ACM TOMS 20 (1994) 496-517) as RADAU5 uses it
// (Hairer and Wanner II, IV.8), within what slow convergence allows (K. Gustafsson, G. Soderlind, SIAM J.
// Sci. Comput. 18 (1997) 23-40).
#pragma once
#include "engine/solver_options.hpp"

namespace odeon::host {

// Of Newton's iterations for the stages of a step, the worst; as it stands: of a method without them.
struct Convergence {
  int iterations = 1;
  double theta = 0;             // ratio of updates; 0: not measured
  bool fresh_jacobian = true;   // it was evaluated at the beginning of this step
  bool keeps_jacobian = false;  // and is good enough for the next one
};

class PredictiveControl {
 public:
  // error ~ h^order; most_iterations: that Newton's iteration may take.
  PredictiveControl(const SolverSettings& settings, int order, int most_iterations);

  void begin();  // without history
  // The step to try next, after one of size h with this scaled error (<= 1: accepted) ...
  double after_step(double h, double error, const Convergence& newton);
  // ... or after one whose stages could not be solved with a fresh Jacobian.
  double after_failure(double h, double theta);

 private:
  double after_rejection(double h, double error);

  const SolverSettings& s_;
  double order_;
  int most_iterations_;
  double accepted_h_ = 0, accepted_error_ = 0;  // of the step before; h 0: none
  double rejected_h_ = 0, rejected_error_ = 0;  // of the last trial from here that the error test refused
  bool failed_ = false;                         // a trial from here failed
};

}  // namespace odeon::host
