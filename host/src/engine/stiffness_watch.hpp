// Notices that stability, not accuracy, holds the steps of an explicit method down. After DOPRI5's test:
// E. Hairer, G. Wanner, Solving Ordinary Differential Equations II (1996), section IV.2.
#pragma once
#include <cstdint>

namespace odeon::host {

class StiffnessWatch {
 public:
  // Whether to look at the step that was just accepted; looking costs two norms.
  bool due(int64_t accepted) const { return !stiff_ && (hits_ > 0 || accepted % kEvery == 0); }
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

  static constexpr double kNear = 0.85;

 private:
  static constexpr int64_t kEvery = 1000;
  static constexpr int kHits = 15, kMisses = 6;
  int hits_ = 0, misses_ = 0;
  bool stiff_ = false;
};

}  // namespace odeon::host
