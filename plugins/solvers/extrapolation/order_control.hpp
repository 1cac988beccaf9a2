// How many rows a step of extrapolation gets, and the size of the next: least work per unit of time.
// P. Deuflhard, Numer. Math. 41 (1983) 399-422; Hairer, Norsett, Wanner I, II.9, whose constants these are.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>

#include "sequence.hpp"

namespace odeon {

class OrderControl {
 public:
  enum class Verdict { another_row, accept, reject };

  explicit OrderControl(size_t most_rows) : most_(most_rows) {}

  void start(double rtol) {
    const double rows = 1.5 - 0.6 * std::log10(std::max(rtol, 1e-40));
    target_ = static_cast<size_t>(std::clamp(rows, 2., double(most_ - 1)));
    first_ = true, rejected_ = false;
  }
  void begin(double h) {
    tried_ = std::abs(h);
    work_.fill(std::numeric_limits<double>::infinity());
  }

  // After row `rows` >= 2. urgent: any row that passes will do.
  Verdict judge(size_t rows, double error, bool urgent) {
    step_[rows] = tried_ * factor(rows, error);
    work_[rows] = double(evaluations_of(rows)) / step_[rows];
    if (error <= 1 && (rows + 1 >= target_ || first_ || urgent)) return Verdict::accept;
    if (!std::isfinite(error) || rows > target_ || rows == most_) return Verdict::reject;
    return error > hopeless(rows) ? Verdict::reject : Verdict::another_row;
  }

  // The size of the next step.
  double accepted(size_t rows) {
    size_t next = rows;
    if (rows == 2) {
      next = 3;
    } else if (rows <= target_) {
      if (work_[rows - 1] < kFewer * work_[rows]) next = rows - 1;
      if (work_[rows] < kMore * work_[rows - 1]) next = rows + 1;
    } else {
      next = rows - 1;
      if (rows > 3 && work_[rows - 2] < kFewer * work_[rows - 1]) next = rows - 2;
      if (work_[rows] < kMore * work_[next]) next = rows;
    }
    next = std::min({next, most_ - 1, rejected_ ? rows : kMostRows});
    const double size = next <= rows
                            ? step_[next]
                            : step_[rows] * double(evaluations_of(next)) / double(evaluations_of(rows));
    const double limit = rejected_ ? tried_ : std::numeric_limits<double>::infinity();
    target_ = next;
    first_ = rejected_ = false;
    return std::min(size, limit);
  }
  double rejected(size_t rows) {
    target_ = std::min({target_, rows, most_ - 1});
    if (target_ > 2 && work_[target_ - 1] < kFewer * work_[target_]) --target_;
    first_ = false, rejected_ = true;
    return step_[target_];
  }

 private:
  static constexpr double kFewer = 0.8, kMore = 0.9;  // of the work that another number of rows takes

  // The error of `rows` rows is of order 2 rows - 1 in the step.
  static double factor(size_t rows, double error) {
    constexpr double kSafety = 0.94, kErrorSafety = 0.65, kNotFinite = 0.25;
    if (!std::isfinite(error)) return kNotFinite;
    const double power = 1 / (2. * double(rows) - 1), least = std::pow(0.02, power);
    return std::clamp(kSafety * std::pow(kErrorSafety / error, power), least / 4, 1 / least);
  }
  // An error that the rows up to target + 1 cannot be expected to bring below 1.
  double hopeless(size_t rows) const {
    const double n_1 = double(midpoint_steps(1)), next = double(midpoint_steps(target_ + 1)) / n_1;
    if (rows + 1 < target_) return std::numeric_limits<double>::infinity();
    if (rows == target_) return next * next;
    return std::pow(next * double(midpoint_steps(target_)) / n_1, 2);
  }

  size_t most_, target_ = 2;
  bool first_ = true, rejected_ = false;
  double tried_ = 0;
  std::array<double, kMostRows + 1> step_{},
      work_{};  // by rows: the size that would do, work per unit of time
};

}  // namespace odeon
