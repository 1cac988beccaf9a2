// When a simplified Newton iteration ends. E. Hairer, G. Wanner, Solving Ordinary Differential Equations II
// (1996), section IV.8: theta is the ratio of successive updates, eta = theta / (1 - theta) bounds the error
// left by eta |update|, and theta predicts whether the allowed iterations suffice. Errors that rotate make
// single ratios swing, so theta is the geometric mean of the last two.
#pragma once
#include <algorithm>

namespace odeon::host {

struct NewtonLimits {
  double tolerance;  // of eta |update|, in the scaled norm
  double round_off;  // updates of this size no longer shrink: converged
  int most_iterations;
  double smallest_eta = 1e-16;  // a better ratio is taken for chance
  bool patient = false;         // updates may grow: only the number of iterations ends it
};

class NewtonMonitor {
 public:
  enum class State { going, converged, diverged };

  explicit NewtonMonitor(const NewtonLimits& limits) : limits_(limits) {}
  void set_patient(bool patient) { limits_.patient = patient; }

  void begin() { iteration_ = 0, theta_ = 0; }
  void forget() { eta_ = 1; }  // a new Jacobian: nothing is known of its convergence
  // The step is longer by this factor: with an old Jacobian it may converge as much more slowly.
  void stretch(double factor) { eta_ = std::min(1.0, eta_ * std::max(1.0, factor)); }
  State next(double update);  // scaled norm of the update just made
  double theta() const { return theta_; }
  int iterations() const { return iteration_; }

 private:
  NewtonLimits limits_;
  double eta_ = 1, theta_ = 0, ratio_ = 0, last_ = 0;
  int iteration_ = 0;
};

}  // namespace odeon::host
