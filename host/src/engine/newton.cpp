#include "engine/newton.hpp"

#include <algorithm>
#include <cmath>

namespace odeon::host {

NewtonMonitor::State NewtonMonitor::next(double update) {
  if (!std::isfinite(update)) return State::diverged;
  if (iteration_++ == 0) {
    eta_ = std::pow(eta_, 0.8);
  } else {
    const double before = ratio_;
    ratio_ = update / last_;
    theta_ = iteration_ > 2 ? std::sqrt(ratio_ * before) : ratio_;
    if (theta_ >= 1) {
      if (update <= limits_.round_off) return State::converged;
      if (!limits_.patient || iteration_ >= limits_.most_iterations) return State::diverged;
      last_ = update;
      return State::going;
    }
    eta_ = std::max(theta_ / (1 - theta_), limits_.smallest_eta);
    const int left = limits_.most_iterations - iteration_;
    if (left < 0 || (!limits_.patient && std::pow(theta_, left) * eta_ * update > limits_.tolerance))
      return update <= limits_.round_off ? State::converged : State::diverged;
  }
  last_ = update;
  if (update == 0) return State::converged;
  // However small a first update is: a Jacobian of which nothing is known may be the cause.
  if (iteration_ == 1 && eta_ >= 1) return State::going;
  return eta_ * update <= limits_.tolerance ? State::converged : State::going;
}

}  // namespace odeon::host
