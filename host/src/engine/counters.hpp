// What a solve costs, per phase; printed in summaries and written to record.json.
#pragma once
#include <odeon/host/solution.hpp>

namespace odeon::host {

// Bytes that a gradient strategy keeps between forward and backward.
struct TapeMeter {
  int64_t now = 0, peak = 0;
  void add(int64_t bytes) {
    now += bytes;
    peak = now > peak ? now : peak;
  }
};

}  // namespace odeon::host
