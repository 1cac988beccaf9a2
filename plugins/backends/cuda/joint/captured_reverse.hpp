// The phases of a joint solve's reverse as a captured loop.
#pragma once
#include "joint/captured.hpp"
#include "joint/reverse_source.hpp"

namespace odeon::cuda {

struct ReverseWork {
  // Launches a phase on the stream. which: of `pass`; conditions: kReverseConditions handles, 0 for none.
  std::function<void(ReversePhase, int64_t which, const unsigned long long* conditions)> phase;
  std::function<void(int i)> product;  // launches the kernels of the products with K_i
  bool wants_times;
  bool end_is_extra;  // f(t + h, y1) is none of the stages, and observations may need it
  bool last_is_free;  // only observations need the last stage
  int stages;
};

void capture_reverse(CapturedSequence& all, const ReverseWork& work);

}  // namespace odeon::cuda
