// The spirals, and which of their points a model sees.
#include "train/series/spirals.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "train/training_case.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

const SpiralSettings kSmall{.count = 60, .points = 20, .extrapolate = 10, .noise = 0.3};

// The angle from one point of a spiral to the next around its centre, (5, 0) or (-5, 0).
double turn(const SeriesData& d, int64_t n, double centre) {
  const auto angle = [&](int64_t i) {
    return std::atan2(d.truth.at(d.at(n, i) + 1), d.truth.at(d.at(n, i)) - centre);
  };
  return std::remainder(angle(1) - angle(0), 2 * std::numbers::pi);
}

double radius(const SeriesData& d, int64_t n, int64_t i, double centre) {
  return std::hypot(d.truth.at(d.at(n, i)) - centre, d.truth.at(d.at(n, i) + 1));
}

}  // namespace

TEST_CASE(
    "every spiral turns left around (5, 0) or right around (-5, 0), outwards, by the time that passes") {
  const SeriesData d = make_spirals(kSmall, 4);
  constexpr double kRoundOff = 1e-12;
  int64_t left = 0;
  for (int64_t n = 0; n < d.size(); ++n) {
    const double step = d.times[1] - d.times[0];
    const bool is_left = std::abs(turn(d, n, 5) - step) < kRoundOff;
    CHECK((is_left || std::abs(turn(d, n, -5) + step) < kRoundOff));
    CHECK(radius(d, n, 19, is_left ? 5 : -5) > radius(d, n, 0, is_left ? 5 : -5));
    left += is_left;
  }
  CHECK(left > 15);
  CHECK(left < 45);
}

TEST_CASE("the noise of spirals has the given deviation, and nothing is beyond a spiral's end") {
  SpiralSettings s = kSmall;
  s.count = 400, s.extrapolate = 100;
  const SeriesData d = make_spirals(s, 4);
  double sum = 0, squares = 0;
  int64_t count = 0, behind = 0;
  for (int64_t i = 0; i < d.values.size(); ++i) {
    const double e = d.values.at(i) - d.truth.at(i);
    CHECK(std::isfinite(d.values.at(i)) == std::isfinite(d.truth.at(i)));
    if (!std::isfinite(e)) {
      ++behind;
      CHECK(i / 2 % d.points() >= d.window);
      continue;
    }
    sum += e, squares += e * e, ++count;
  }
  const double n = static_cast<double>(count);
  CHECK(behind > 0);
  CHECK(n > 80000);
  CHECK(std::abs(sum / n) < 4 * 0.3 / std::sqrt(n));  // four deviations of a mean of n
  CHECK(std::sqrt(squares / n) == doctest::Approx(0.3).epsilon(0.01));
}

TEST_CASE("a model sees as many different points as asked for, of other series than it is measured on") {
  const auto read = [](const std::string& rest) {
    return read_series(yaml("{format: spirals, count: 50, points: 20" + rest + "}"), 9);
  };
  const SeriesData d = read(", observed: 7, held_out: 12");
  CHECK(d.training == 38);
  std::set<int64_t> all;
  for (const std::vector<int64_t>& points : d.observed) {
    CHECK(points.size() == 7);
    CHECK(std::is_sorted(points.begin(), points.end()));
    CHECK(std::set<int64_t>(points.begin(), points.end()).size() == 7);
    CHECK(points.back() < 20);
    all.insert(points.begin(), points.end());
  }
  CHECK(all.size() == 20);
  CHECK(d.most_observed() == 7);
  CHECK(read(", observed: 9").values.bytes == d.values.bytes);  // the series stay as they are
  CHECK(read_series(yaml("{format: spirals, count: 50, points: 20}"), 10).values.bytes != d.values.bytes);
}
