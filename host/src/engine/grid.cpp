#include "engine/grid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/error.hpp"
#include "data/number_text.hpp"

namespace odeon::host {
namespace {

// Steps of step_size that the times need.
double uniform_steps(double step_size, std::span<const double> times) {
  return std::ceil(std::abs(times.back() - times.front()) / step_size);
}

// Shorter steps would be none, or longer than they should be.
void check_resolves(double step_size, std::span<const double> times) {
  const double t = std::max(std::abs(times.front()), std::abs(times.back()));
  const double spacing = std::nextafter(t, std::numeric_limits<double>::infinity()) - t;
  if (step_size < spacing)
    throw RunError("'step_size' " + number_text(step_size) +
                   " is less than time can resolve at |t| = " + number_text(t) + ", which is " +
                   number_text(spacing) + "; use a larger step_size, or count the time from nearer by");
}

void check_runs_strictly(const std::vector<double>& grid, bool up) {
  for (size_t i = 1; i < grid.size(); ++i)
    if (grid[i] == grid[i - 1] || (grid[i] > grid[i - 1]) != up)
      throw RunError("'grid' must run strictly from the first time to the last; entry " + std::to_string(i) +
                     " (" + number_text(grid[i]) + ") comes after " + number_text(grid[i - 1]));
}

void check_spans(const std::vector<double>& grid, std::span<const double> times) {
  if (grid.front() != times.front() || grid.back() != times.back())
    throw RunError("'grid' must begin with the first of 'times' (" + number_text(times.front()) +
                   ") and end with the last (" + number_text(times.back()) + "); found " +
                   number_text(grid.front()) + " and " + number_text(grid.back()));
  check_runs_strictly(grid, times.back() > times.front());
}

void check_holds(const std::vector<double>& grid, std::span<const double> times) {
  const auto [least, most] = std::minmax(grid.front(), grid.back());
  for (double t : {times.front(), times.back()})
    if (t < least || t > most)
      throw RunError("'grid' of the gradient's solver must hold every time of the solve; it runs from " +
                     number_text(grid.front()) + " to " + number_text(grid.back()) + ", without " +
                     number_text(t));
  check_runs_strictly(grid, grid.back() > grid.front());
}

// Those of its points that are strictly between, in the direction from `from` to `to`; the grid's own ends
// are no points where they move.
std::vector<double> between(const SolverSettings& settings, double from, double to) {
  const auto [least, most] = std::minmax(from, to);
  const std::vector<double>& grid = settings.grid;
  const size_t ends = settings.grid_ends_move ? 1 : 0;
  std::vector<double> out;
  for (size_t i = ends; i + ends < grid.size(); ++i)
    if (grid[i] > least && grid[i] < most) out.push_back(grid[i]);
  if ((grid.back() > grid.front()) != (to > from)) std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

void check_grid(const SolverSettings& settings, std::span<const double> times) {
  const double steps = settings.step_size > 0 ? uniform_steps(settings.step_size, times) : 0;
  if (!(steps <= static_cast<double>(settings.max_steps)))
    throw RunError("'step_size' " + number_text(settings.step_size) + " needs " + number_text(steps) +
                   " steps, more than max_steps = " + std::to_string(settings.max_steps) +
                   "; use a larger step_size or raise max_steps");
  // They are kept, 16 bytes each, and what a gradient keeps of a step is more.
  constexpr double kMostSteps = 1e8;
  if (steps > kMostSteps)
    throw RunError(
        "'step_size' " + number_text(settings.step_size) + " needs " + number_text(steps) +
        " steps, more than the 1e8 that one solve of fixed steps takes; use a larger step_size, or several "
        "runs one behind the other");
  if (settings.step_size > 0) check_resolves(settings.step_size, times);
  if (settings.grid.empty() || settings.grid_ends_move) return;
  if (settings.takes_part_of_grid)
    check_holds(settings.grid, times);
  else
    check_spans(settings.grid, times);
}

std::vector<GridPoint> fixed_grid(const SolverSettings& settings, std::span<const double> times) {
  check_grid(settings, times);
  std::vector<GridPoint> grid;
  if (settings.step_size > 0) {
    const double steps = uniform_steps(settings.step_size, times);
    grid.reserve(static_cast<size_t>(steps) + 1);
    const double h = times.back() < times.front() ? -settings.step_size : settings.step_size;
    for (int64_t i = 0; i < static_cast<int64_t>(steps); ++i)
      grid.push_back({times.front() + static_cast<double>(i) * h, 0});
    // Rounded up, the number of steps may be one more than fit, and the last of them begin beyond the end.
    const auto is_inside = [&](double t) { return h > 0 ? t < times.back() : t > times.back(); };
    if (grid.size() > 1 && !is_inside(grid.back().t)) grid.pop_back();
    grid.push_back({times.back(), static_cast<int64_t>(times.size()) - 1});
    return grid;
  }
  if (settings.grid.empty()) {
    for (size_t i = 0; i < times.size(); ++i) grid.push_back({times[i], static_cast<int64_t>(i)});
    return grid;
  }
  const std::vector<double> points = between(settings, times.front(), times.back());
  grid.push_back({times.front(), 0});
  for (double t : points) grid.push_back({t, -1});
  grid.push_back({times.back(), static_cast<int64_t>(times.size()) - 1});
  return grid;
}

}  // namespace odeon::host
