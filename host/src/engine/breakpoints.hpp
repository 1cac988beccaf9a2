// Times at which the field is not smooth: no step crosses one.
#pragma once
#include <cmath>
#include <span>

namespace odeon::host {

// Walks through sorted times in the direction of a solve. A step ends at the last double before a breakpoint,
// the next one begins at the first one behind it, so that no stage is evaluated on the other side.
class Breakpoints {
 public:
  Breakpoints(std::span<const double> sorted, double t, double direction)
      : points_(sorted),
        direction_(direction),
        next_(direction > 0 ? 0 : static_cast<long>(sorted.size()) - 1) {
    while (ahead() && !(direction * (points_[size_t(next_)] - t) > 0)) advance();
  }

  // h, or what is left until the next breakpoint.
  double limited(double t, double h) {
    clipped_ = ahead() && direction_ * (t + h - before()) >= 0;
    return clipped_ ? before() - t : h;
  }
  bool clipped() const { return clipped_; }  // the last step ends at a breakpoint
  // Where to go on behind the breakpoint that was reached.
  double pass() {
    const double behind = std::nextafter(points_[size_t(next_)], direction_ * INFINITY);
    advance();
    clipped_ = false;
    return behind;
  }

 private:
  bool ahead() const { return next_ >= 0 && next_ < static_cast<long>(points_.size()); }
  double before() const { return std::nextafter(points_[size_t(next_)], -direction_ * INFINITY); }
  void advance() { next_ += direction_ > 0 ? 1 : -1; }

  std::span<const double> points_;
  double direction_;
  long next_;
  bool clipped_ = false;
};

}  // namespace odeon::host
