// The length of the first step, from scaled norms: Hairer, Norsett, Wanner I, II.4. For one solve or one row.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

namespace odeon::host {

class FirstStep {
 public:
  // d0 = |y0|, d1 = |f0|
  FirstStep(double d0, double d1) : d1_(d1), h0_(d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1) {}

  bool finite() const { return std::isfinite(d1_); }  // f0 and y0 are
  static constexpr const char* kReason = "the field or the initial state is not finite";
  static constexpr const char* kRemedy = "check the initial state and the field at the first time";

  // Of the Euler step behind which f is evaluated a second time.
  double trial() const { return finite() ? h0_ : 1; }
  // d2 = |f(t0 + h0, y0 + h0 f0) - f0| / h0; the exponent is 1/order.
  double length(double d2, int order) const {
    const double d = std::isfinite(d2) ? std::max(d1_, d2) : std::numeric_limits<double>::max();
    const double h1 = d <= 1e-15 ? std::max(1e-6, h0_ * 1e-3) : std::pow(0.01 / d, 1.0 / order);
    return std::min(100 * h0_, h1);
  }

 private:
  double d1_, h0_;
};

}  // namespace odeon::host
