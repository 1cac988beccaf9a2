#include "engine/grid.hpp"

#include <cmath>

#include "data/error.hpp"
#include "data/number_text.hpp"

namespace odeon::host {
namespace {

std::vector<GridPoint> uniform_grid(double step_size, int64_t max_steps, std::span<const double> times) {
  const double span = times.back() - times.front();
  const double steps = std::ceil(std::abs(span) / step_size);
  if (!(steps <= static_cast<double>(max_steps)))
    throw RunError("step_size " + number_text(step_size) + " needs " + number_text(steps) +
                   " steps, more than max_steps = " + std::to_string(max_steps) +
                   "; use a larger step_size or raise max_steps");
  std::vector<GridPoint> grid;
  grid.reserve(static_cast<size_t>(steps) + 1);
  for (int64_t i = 0; i < static_cast<int64_t>(steps); ++i)
    grid.push_back({times.front() + static_cast<double>(i) * (span < 0 ? -step_size : step_size), 0});
  grid.push_back({times.back(), static_cast<int64_t>(times.size()) - 1});
  return grid;
}

}  // namespace

std::vector<GridPoint> fixed_grid(const SolverSettings& settings, std::span<const double> times) {
  if (settings.step_size > 0) return uniform_grid(settings.step_size, settings.max_steps, times);
  std::vector<GridPoint> grid;
  if (settings.grid.empty()) {
    for (size_t i = 0; i < times.size(); ++i) grid.push_back({times[i], static_cast<int64_t>(i)});
    return grid;
  }
  if (settings.grid.front() != times.front() || settings.grid.back() != times.back())
    throw RunError("'grid' must begin with the first time (" + number_text(times.front()) +
                   ") and end with the last (" + number_text(times.back()) + "); it has " +
                   number_text(settings.grid.front()) + " and " + number_text(settings.grid.back()));
  const bool up = times.back() > times.front();
  for (size_t i = 0; i < settings.grid.size(); ++i) {
    if (i > 0 && (settings.grid[i] > settings.grid[i - 1]) != up)
      throw RunError("'grid' must run strictly from the first time to the last; entry " + std::to_string(i) +
                     " does not");
    grid.push_back({settings.grid[i], -1});
  }
  grid.front().anchor = 0;
  grid.back().anchor = static_cast<int64_t>(times.size()) - 1;
  return grid;
}

}  // namespace odeon::host
