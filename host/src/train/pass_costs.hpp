// What the forward and backward passes of training cost.
#pragma once
#include <cstdint>

#include "engine/counters.hpp"

namespace odeon::host {

// Costs of one forward or backward pass of a batch, summed over the ode blocks.
struct PassCosts {
  Counters forward, backward;
  int64_t tape_peak = 0;             // bytes kept between forward and backward: activations and tapes
  double kinetic = 0, jacobian = 0;  // regularisers' means over the rows, added up over batches and blocks
};

}  // namespace odeon::host
