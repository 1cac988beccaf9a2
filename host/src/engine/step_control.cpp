#include "engine/step_control.hpp"

#include <algorithm>
#include <cmath>

namespace odeon::host {
namespace {
// A step whose error happened to vanish must not forbid growth in the steps after it.
constexpr double kSmallestRemembered = 1e-8;
}  // namespace

StepControl::StepControl(const SolverSettings& s, int order)
    : law_(s.law), order_(order), safety_(s.safety), min_factor_(s.min_factor), max_factor_(s.max_factor) {}

double StepControl::factor(double error) {
  if (!std::isfinite(error)) return min_factor_;
  if (error == 0) return max_factor_;
  if (error > 1 || !law_.has_memory()) {  // after a rejection only the plain law is sure to shrink
    const double power = error > 1 ? 1 : law_.beta[0];
    // torchdiffeq never shrinks after an error below one.
    return std::min(max_factor_,
                    std::max(safety_ * std::pow(error, -power / order_), error < 1 ? 1.0 : min_factor_));
  }
  const double wish = safety_ * std::pow(error, -law_.beta[0] / order_) *
                      std::pow(last_, -law_.beta[1] / order_) *
                      std::pow(before_last_, -law_.beta[2] / order_) * std::pow(last_factor_, -law_.alpha);
  const double factor = std::min(max_factor_, std::max(wish, min_factor_));
  before_last_ = last_;
  last_ = std::max(error, kSmallestRemembered);
  last_factor_ = factor;
  return factor;
}

}  // namespace odeon::host
