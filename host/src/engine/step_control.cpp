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

double trial_step(double d0, double d1) { return d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1; }

double first_step(double h0, double d1, double d2, int order) {
  const double h1 =
      d1 <= 1e-15 && d2 <= 1e-15 ? std::max(1e-6, h0 * 1e-3) : std::pow(0.01 / std::max(d1, d2), 1.0 / order);
  return std::min(100 * h0, h1);
}

}  // namespace odeon::host
