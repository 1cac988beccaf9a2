// Notices that stability, not accuracy, holds the steps of an explicit method down. After DOPRI5's test:
// E. Hairer, G. Wanner, Solving Ordinary Differential Equations II (1996), section IV.2.
#pragma once
#include <cmath>
#include <cstdint>

namespace odeon::host {

class StiffnessWatch {
 public:
  void count_accepted() { ++accepted_; }
  // Whether to look at the step that was accepted last; looking costs two norms, or some evaluations.
  bool due() const { return !stiff_ && (hits_ > 0 || accepted_ % kEvery == 0); }
  // ratio: the step over the longest stable one.
  void look(double ratio) {
    if (ratio > kNear) {
      misses_ = 0;
      stiff_ = ++hits_ >= kHits;
    } else if (hits_ > 0 && ++misses_ >= kMisses) {
      hits_ = misses_ = 0;
    }
  }
  bool stiff() const { return stiff_; }
  // Stiff, and the steps that are left do not reach the end of the span that is left, at this length.
  bool hopeless(double span, double h, int64_t steps) const {
    return stiff_ && std::abs(span / h) > static_cast<double>(steps);
  }

  static constexpr double kNear = 0.85;
  static constexpr int64_t kEvery = 1000;
  static constexpr int kHits = 15, kMisses = 6;

 private:
  int64_t accepted_ = 0;
  int hits_ = 0, misses_ = 0;
  bool stiff_ = false;
};

}  // namespace odeon::host
