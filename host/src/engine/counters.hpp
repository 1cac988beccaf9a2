// What a solve costs, per phase; printed in summaries and written to record.json.
#pragma once
#include <cstdint>

namespace odeon::host {

struct Counters {
  int64_t evaluations = 0;  // of f
  int64_t vjps = 0;
  int64_t accepted = 0, rejected = 0;  // steps

  Counters& operator+=(const Counters& o) {
    evaluations += o.evaluations, vjps += o.vjps, accepted += o.accepted, rejected += o.rejected;
    return *this;
  }
};

// Bytes that a gradient strategy keeps between forward and backward.
struct TapeMeter {
  int64_t now = 0, peak = 0;
  void add(int64_t bytes) {
    now += bytes;
    peak = now > peak ? now : peak;
  }
};

}  // namespace odeon::host
