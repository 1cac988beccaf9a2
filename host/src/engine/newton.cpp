#include "engine/newton.hpp"

#include <algorithm>
#include <cmath>

namespace odeon::host {

NewtonMonitor::State NewtonMonitor::next(double update) {
  constexpr double kSmallestEta = 1e-16;
  if (!std::isfinite(update)) return State::diverged;
  if (iteration_++ == 0) {
    eta_ = std::pow(std::max(eta_, kSmallestEta), 0.8);
  } else {
    theta_ = update / last_;
    if (theta_ >= 1 && limits_.patient) {
      last_ = update;
      if (update <= limits_.round_off) return State::converged;
      return iteration_ < limits_.most_iterations ? State::going : State::diverged;
    }
    if (theta_ >= 1) return update <= limits_.round_off ? State::converged : State::diverged;
    eta_ = theta_ / (1 - theta_);
    const int left = limits_.most_iterations - iteration_;
    if (left < 0 || (!limits_.patient && std::pow(theta_, left) * eta_ * update > limits_.tolerance))
      return update <= limits_.round_off ? State::converged : State::diverged;
  }
  last_ = update;
  return update == 0 || eta_ * update <= limits_.tolerance ? State::converged : State::going;
}

}  // namespace odeon::host
