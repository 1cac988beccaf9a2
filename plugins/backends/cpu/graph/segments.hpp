// Which steps of a plan work row by row, so that a few rows can go through several of them while their values
// are in the cache, and threads meet once for all of them.
#pragma once
#include <vector>

#include "graph/schedule.hpp"

namespace odeon::cpu {

// Steps [first, last). In one that is by rows, row r of what a step writes depends on row r of what steps
// before it wrote, and else on what was there before the segment; or the step adds up rows, for readers
// behind the segment.
struct Segment {
  int first = 0, last = 0;
  bool by_rows = false;
};

// Changes the order of the steps, as far as they allow it, so that those by rows follow each other.
std::vector<Segment> make_segments(const Analysis& analysis, Schedule& schedule, int64_t batch);

}  // namespace odeon::cpu
