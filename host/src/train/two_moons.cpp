#include "train/two_moons.hpp"

#include <cmath>
#include <numbers>

#include "train/random.hpp"

namespace odeon::host {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr uint64_t kStream = 0x2d6f6f6e73;  // of random numbers

struct Point {
  double x, y;
};

Point on_moon(bool upper, double angle) {
  const Point p{std::cos(angle), std::sin(angle)};
  return upper ? p : Point{1 - p.x, 0.5 - p.y};
}

}  // namespace

Array two_moons(int64_t count, double noise, uint64_t seed) {
  Array out = Array::zeros(ODEON_F64, {count, 2});
  Random random(seed, kStream);
  for (int64_t i = 0; i < count; ++i) {
    const bool upper = random.sign() > 0;
    const Point p = on_moon(upper, kPi * random.uniform());
    out.set(2 * i, p.x + noise * random.normal());
    out.set(2 * i + 1, p.y + noise * random.normal());
  }
  return out;
}

// log of 1/(2 pi) sum over both moons of the integral over [0, pi] of N((x, y); moon(angle), noise^2 I), by
// Simpson's rule; the largest exponent is taken out of the sum.
double two_moons_log_density(double x, double y, double noise) {
  constexpr int kPerNoise = 16;  // nodes: Simpson's error is below 1e-6 of the density
  const int n = 2 * static_cast<int>(std::ceil(kPerNoise * kPi / std::min(noise, 1.0) / 2));
  std::vector<double> exponents, weights;
  double largest = -INFINITY;
  for (bool upper : {true, false})
    for (int k = 0; k <= n; ++k) {
      const Point p = on_moon(upper, kPi * k / n);
      exponents.push_back(-((x - p.x) * (x - p.x) + (y - p.y) * (y - p.y)) / (2 * noise * noise));
      weights.push_back((k == 0 || k == n ? 1 : k % 2 ? 4 : 2) * kPi / n / 3);
      largest = std::max(largest, exponents.back());
    }
  double sum = 0;
  for (size_t i = 0; i < exponents.size(); ++i) sum += weights[i] * std::exp(exponents[i] - largest);
  return largest + std::log(sum / (2 * kPi * 2 * kPi * noise * noise));
}

}  // namespace odeon::host
