// The ends of fixed steps, and how each depends on the requested times (for gradients of times).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/solver_options.hpp"

namespace odeon::host {

struct GridPoint {
  double t;
  int64_t anchor;  // t = times[anchor] + const; -1: const
};

// One step per interval of times, or steps of step_size from times[0] with the last one shortened, or the
// given grid, which must run from the first to the last time. Of a solve that goes back over a part of the
// times (takes_part_of_grid), what of the grid lies between its ends; the grid must hold both. Of times that were
// moved (grid_ends_move), what of the grid's inside still lies between them. Throws RunError.
std::vector<GridPoint> fixed_grid(const SolverSettings& settings, std::span<const double> times);
void check_grid(const SolverSettings& settings, std::span<const double> times);

}  // namespace odeon::host
