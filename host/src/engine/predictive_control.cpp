#include "engine/predictive_control.hpp"

#include <algorithm>
#include <cmath>

namespace odeon::host {
namespace {

// The rate of convergence to aim at where it limits the step: iterations are cheaper than small steps up to
// here.
constexpr double kAim = 0.5;
// A larger step is worth new factors from here on.
constexpr double kWorthFactors = 1.2;
constexpr double kLeastAfterFailure = 0.1, kMostAfterFailure = 0.5;
// Errors that happened to vanish must not rule the steps after them.
constexpr double kSmallestError = 1e-10, kSmallestRemembered = 1e-2;
// Of errors of steps that are too long for the method's order to show.
constexpr double kLeastOrder = 0.5;

}  // namespace

PredictiveControl::PredictiveControl(const SolverSettings& settings, int order, int most_iterations)
    : s_(settings), order_(order), most_iterations_(most_iterations) {}

void PredictiveControl::begin() {
  accepted_h_ = rejected_h_ = 0;
  failed_ = false;
}

double PredictiveControl::after_step(double h, double error, const Convergence& newton) {
  if (!(error <= 1)) return after_rejection(h, error);
  error = std::max(error, kSmallestError);
  double factor = std::pow(error, -1 / order_);
  if (accepted_h_ != 0)
    factor *= std::min(1.0, h / accepted_h_ * std::pow(accepted_error_ / error, 1 / order_));
  factor *= s_.safety * (2 * most_iterations_ + 1) / (2 * most_iterations_ + newton.iterations);
  if (newton.fresh_jacobian && newton.theta > 0) factor = std::min(factor, kAim / newton.theta);
  if (failed_) factor = std::min(factor, 1.0);
  factor = std::clamp(factor, s_.min_factor, s_.max_factor);
  if (newton.keeps_jacobian && factor >= 1 && factor < kWorthFactors) factor = 1;
  accepted_h_ = h;
  accepted_error_ = std::max(error, kSmallestRemembered);
  rejected_h_ = 0;
  failed_ = false;
  return h * factor;
}

// A second rejection shows by which power of h the error really falls: at boundary layers by less than the
// method's order.
double PredictiveControl::after_rejection(double h, double error) {
  failed_ = true;
  if (!std::isfinite(error)) return h * s_.min_factor;
  const double order =
      rejected_h_ == 0
          ? order_
          : std::clamp(std::log(rejected_error_ / error) / std::log(rejected_h_ / h), kLeastOrder, order_);
  rejected_h_ = h;
  rejected_error_ = error;
  return h * std::clamp(s_.safety * std::pow(error, -1 / order), s_.min_factor, s_.safety);
}

double PredictiveControl::after_failure(double h, double theta) {
  failed_ = true;
  rejected_h_ = 0;
  const double factor = theta > 0 ? kAim / theta : kMostAfterFailure;
  return h * std::clamp(std::isfinite(factor) ? factor : 0, kLeastAfterFailure, kMostAfterFailure);
}

}  // namespace odeon::host
