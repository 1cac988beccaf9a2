#include "train/series/spirals.hpp"

#include <cmath>
#include <numbers>

#include "train/random.hpp"

namespace odeon::host {
namespace {

constexpr double kStop = 6 * std::numbers::pi;  // angle and time at the end
constexpr double kGrowth = 0.3;                 // radius per angle

struct Position {
  double x, y;
};

// Archimedes' spiral around (5, 0), outwards.
Position counter_clockwise(double t) {
  const double r = kGrowth * t;
  return {r * std::cos(t) + 5, r * std::sin(t)};
}

// A hyperbolic spiral around (-5, 0), outwards: the angle falls with time.
Position clockwise(double t) {
  const double angle = kStop + 1 - t, r = kGrowth * 50 / angle;
  return {r * std::cos(angle) - 5, r * std::sin(angle)};
}

}  // namespace

SeriesData make_spirals(const SpiralSettings& s, uint64_t seed) {
  const auto time = [](int64_t i) { return kStop * static_cast<double>(i) / (kSpiralPoints - 1); };
  const int64_t length = s.points + s.extrapolate;
  SeriesData d;
  d.window = s.points;
  for (int64_t i = 0; i < length; ++i) d.times.push_back(time(i));
  d.values = d.truth = Array::zeros(ODEON_F64, {s.count, length, 2});
  Random draws(seed, 0);
  for (int64_t n = 0; n < s.count; ++n) {
    // As the paper's code: a window that is not near the start and anywhere else. Beyond the spiral's end is
    // nothing.
    const int64_t start = s.points + draws.below(kSpiralPoints - 2 * s.points);
    const bool turns_left = draws.uniform() > 0.5;
    for (int64_t i = 0; i < length; ++i) {
      const double t = start + i < kSpiralPoints ? time(start + i) : std::nan("");
      const Position p = turns_left ? counter_clockwise(t) : clockwise(t);
      d.truth.set(d.at(n, i), p.x), d.truth.set(d.at(n, i) + 1, p.y);
      d.values.set(d.at(n, i), p.x + s.noise * draws.normal());
      d.values.set(d.at(n, i) + 1, p.y + s.noise * draws.normal());
    }
  }
  return d;
}

}  // namespace odeon::host
