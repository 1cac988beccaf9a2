#include "engine/step_control.hpp"

#include <algorithm>
#include <cmath>

namespace odeon::host {
namespace {
// A step whose error happened to vanish must not forbid growth in the steps after it.
constexpr double kSmallestRemembered = 1e-8;
}  // namespace

StepControl::StepControl(const SolverSettings& s, int order)
    : safety_(s.safety), min_factor_(s.min_factor), max_factor_(s.max_factor) {
  const double k = order_ = order;
  history_ = s.control == Control::pi || s.control == Control::pid;
  if (s.control == Control::pi) {
    exponent_[0] = 0.7 / k, exponent_[1] = -0.4 / k, exponent_[2] = 0;
  } else if (s.control == Control::pid) {
    exponent_[0] = 1. / 18 / k, exponent_[1] = 1. / 9 / k, exponent_[2] = 1. / 18 / k;
  } else {
    exponent_[0] = exponent_[1] = exponent_[2] = 0;
  }
}

double StepControl::factor(double error) {
  if (!std::isfinite(error)) return min_factor_;
  if (error == 0) return max_factor_;
  if (error > 1 || !history_) {  // after a rejection only the plain law is sure to shrink
    // torchdiffeq never shrinks after an error below one.
    return std::min(max_factor_,
                    std::max(safety_ * std::pow(error, -1 / order_), error < 1 ? 1.0 : min_factor_));
  }
  const double factor = safety_ * std::pow(error, -exponent_[0]) * std::pow(last_, -exponent_[1]) *
                        std::pow(before_last_, -exponent_[2]);
  before_last_ = last_;
  last_ = std::max(error, kSmallestRemembered);
  return std::min(max_factor_, std::max(factor, min_factor_));
}

double trial_step(double d0, double d1) { return d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1; }

double first_step(double h0, double d1, double d2, int order) {
  const double h1 =
      d1 <= 1e-15 && d2 <= 1e-15 ? std::max(1e-6, h0 * 1e-3) : std::pow(0.01 / std::max(d1, d2), 1.0 / order);
  return std::min(100 * h0, h1);
}

}  // namespace odeon::host
