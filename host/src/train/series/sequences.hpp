// Batches of series as a recurrent network reads them.
#pragma once
#include "train/series/series_data.hpp"

namespace odeon::host {

// One step for each observed point, as many as the longest series has; shorter ones are masked at their end.
// The input is the point's numbers and, with `gaps`, the time between it and the next one to be read.
struct Sequences {
  Array inputs, mask;  // [steps, series, width], [steps, series, 1]
};

// From the last observed point to the first; its gap is the time since the grid's first.
Sequences read_backwards(const SeriesData& data, std::span<const int64_t> series, bool gaps, int32_t dtype);
// From the first to the last; its gap is the time to the first point beyond the window, or 0.
Sequences read_forwards(const SeriesData& data, std::span<const int64_t> series, bool gaps, int32_t dtype);

// What a decoder's output is compared with. values [rows, D]; weight [rows, 1]: 1 where there is something to
// compare with; count: how many numbers these are.
struct Targets {
  Array values, weight;
  int64_t count = 0;
};

// Rows [window, series]: the observed points of the window.
Targets observed_targets(const SeriesData& data, std::span<const int64_t> series, int32_t dtype);
// Rows [steps, series]: the observed point behind that of each step of read_forwards.
Targets next_targets(const SeriesData& data, std::span<const int64_t> series, int32_t dtype);

}  // namespace odeon::host
