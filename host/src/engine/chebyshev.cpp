#include "engine/chebyshev.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace odeon::host {

double chebyshev_node(int degree, int j) { return (1 - std::cos(std::numbers::pi * j / degree)) / 2; }

void chebyshev_weights(int degree, double x, std::span<double> w) {
  const size_t points = static_cast<size_t>(degree) + 1;
  double sum = 0;
  for (size_t j = 0; j < points; ++j) {
    const double distance = x - chebyshev_node(degree, static_cast<int>(j));
    if (distance == 0) {
      std::fill(w.begin(), w.end(), 0.0);
      w[j] = 1;
      return;
    }
    const double end = j == 0 || j + 1 == points ? 0.5 : 1;
    w[j] = (j % 2 == 0 ? end : -end) / distance;
    sum += w[j];
  }
  for (size_t j = 0; j < points; ++j) w[j] /= sum;
}

size_t step_at(std::span<const double> times, double t) {
  const bool up = times.back() >= times.front();
  const auto after = std::upper_bound(times.begin(), times.end(), t,
                                      [up](double a, double b) { return up ? a < b : a > b; });
  return std::min(times.size() - 2,
                  static_cast<size_t>(std::max<std::ptrdiff_t>(after - times.begin() - 1, 0)));
}

}  // namespace odeon::host
