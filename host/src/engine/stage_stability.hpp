// How near an explicit tableau's step came to the longest stable one, from its own stages. After DOPRI5's
// test: E. Hairer, G. Wanner, Solving Ordinary Differential Equations II (1996), section IV.2.
#pragma once
#include <span>
#include <vector>

#include "engine/method.hpp"

namespace odeon::host {

// h |k_s - k_(s-1)| / |Y_s - Y_(s-1)| estimates h times the largest eigenvalue, since it is the fast parts in
// which two stages differ.
class StageStability {
 public:
  explicit StageStability(const Method& m) : limit_(m.real_stability()) {
    const int last = m.stages() - 1;
    for (int j = 0; last > 0 && j < m.stages(); ++j) between_.push_back(m.a(last, j) - m.a(last - 1, j));
    // Stages at different times differ in slow parts too, which hides about half of the ratio.
    hidden_ = last > 0 && m.c(last) == m.c(last - 1) ? 1 : 2;
  }

  bool known() const { return !between_.empty() && limit_ > 0; }
  double limit() const { return limit_; }
  double hidden() const { return hidden_; }
  std::span<const double> between() const { return between_; }  // Y_s - Y_(s-1) = h sum_j between_j k_j
  // arguments: |Y_s - Y_(s-1)| / h, slopes: |k_s - k_(s-1)|. The step over the longest stable one; 0: not
  // known.
  double ratio(double arguments, double slopes) const {
    return arguments > 0 ? hidden_ * slopes / arguments / limit_ : 0;
  }

 private:
  double limit_, hidden_;
  std::vector<double> between_;
};

}  // namespace odeon::host
