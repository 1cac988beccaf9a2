// What flows are fitted to: two moons and tables.
#include "train/flow_data.hpp"

#include <cmath>

#include "data/atomic_file.hpp"
#include "train/gaussian_baseline.hpp"
#include "train/training_case.hpp"
#include "train/two_moons.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

// The sum of g(x, y, log p) p over a fine grid around the moons.
template <class G>
double integral(double noise, const G& g) {
  constexpr double kCell = 0.02;
  double sum = 0;
  for (double x = -2.5; x < 3.5; x += kCell)
    for (double y = -2; y < 2.5; y += kCell) {
      const double log_p = two_moons_log_density(x, y, noise);
      sum += g(log_p) * std::exp(log_p) * kCell * kCell;
    }
  return sum;
}

FlowData table(const std::string& text, const std::string& options, uint64_t seed = 1) {
  const ScratchFolder folder;
  write_file_atomically(folder / "t.csv", text);
  return read_flow_data(yaml("{format: table, file: " + (folder / "t.csv") + options + "}"), seed);
}

}  // namespace

TEST_CASE("the density of two moons integrates to one, and its samples have its entropy") {
  constexpr double kNoise = 0.15, kQuadrature = 1e-6;
  constexpr int64_t kSamples = 20000;
  CHECK(integral(kNoise, [](double) { return 1; }) == doctest::Approx(1).epsilon(kQuadrature));
  const double entropy = integral(kNoise, [](double log_p) { return -log_p; }),
               second = integral(kNoise, [](double log_p) { return log_p * log_p; });
  const Array samples = two_moons(kSamples, kNoise, 4);
  double nll = 0;
  for (int64_t i = 0; i < kSamples; ++i)
    nll -= two_moons_log_density(samples.at(2 * i), samples.at(2 * i + 1), kNoise) / kSamples;
  const double standard_error = std::sqrt((second - entropy * entropy) / kSamples);
  CHECK(std::abs(nll - entropy) < 4 * standard_error);
}

TEST_CASE("rows are held out as asked, and the rest is to train") {
  const FlowData moons = read_flow_data(yaml("{format: two_moons, count: 50, held_out: 7}"), 3);
  CHECK(moons.train.shape == std::vector<int64_t>{43, 2});
  CHECK(moons.held_out.shape == std::vector<int64_t>{7, 2});
  const FlowData none_said = read_flow_data(yaml("{format: two_moons, count: 50}"), 3);
  CHECK(none_said.held_out.shape[0] == 5);
}

TEST_CASE("a table is split at random, and every row stays in one part") {
  std::string text = "a,b\n";
  for (int i = 0; i < 20; ++i) text += std::to_string(i) + "," + std::to_string(-i) + "\n";
  const FlowData data = table(text, ", held_out: 5, standardise: false");
  std::vector<double> seen;
  for (const Array* part : {&data.train, &data.held_out})
    for (int64_t r = 0; r < part->shape[0]; ++r) {
      seen.push_back(part->at(2 * r));
      CHECK(part->at(2 * r + 1) == -part->at(2 * r));
    }
  CHECK_FALSE(std::is_sorted(seen.begin(), seen.end()));
  std::sort(seen.begin(), seen.end());
  for (size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == static_cast<double>(i));
}

TEST_CASE("standardised training rows have mean 0 and deviation 1, and come back in the units of the data") {
  const FlowData data = table("1,10\n2,40\n3,20\n4,70\n5,10\n6,0\n", ", held_out: 2"),
                 plain = table("1,10\n2,40\n3,20\n4,70\n5,10\n6,0\n", ", held_out: 2, standardise: false");
  for (int64_t i = 0; i < 2; ++i) {
    double sum = 0, squares = 0;
    for (int64_t r = 0; r < 4; ++r)
      sum += data.train.at(2 * r + i), squares += data.train.at(2 * r + i) * data.train.at(2 * r + i);
    CHECK(std::abs(sum) < 1e-14);
    CHECK(squares == doctest::Approx(4).epsilon(1e-14));
  }
  for (int64_t r = 0; r < 2; ++r)
    CHECK(difference(data.in_data_units(data.held_out, r), plain.in_data_units(plain.held_out, r)) < 1e-13);
  CHECK(data.log_scale() == doctest::Approx(std::log(data.scale[0] * data.scale[1])).epsilon(1e-14));
}

TEST_CASE(
    "a normal distribution fitted to rows has their entropy, and none is fitted where they lie on a line") {
  // Mean (1, 2) and covariance diag(1, 4): the mean square of standardised rows is d, by definition.
  const Array rows = Array::of({0, 0, 2, 0, 0, 4, 2, 4}, {4, 2});
  const double entropy = 1 + std::log(2 * 3.14159265358979323846) + std::log(2.0);
  CHECK(gaussian_nll(rows, rows).value() == doctest::Approx(entropy).epsilon(1e-14));
  const Array other = Array::of({1, 2}, {1, 2});  // the mean
  CHECK(gaussian_nll(rows, other).value() == doctest::Approx(entropy - 1).epsilon(1e-14));
  CHECK_FALSE(gaussian_nll(Array::of({0, 0, 1, 1, 2, 2}, {3, 2}), other).has_value());
}

TEST_CASE("a table without rows, with a constant column or with something that is no number is refused") {
  CHECK_THROWS_WITH_AS(table("a,b\n", ""), doctest::Contains("t.csv: holds no row of numbers"), ConfigError);
  CHECK_THROWS_WITH_AS(table("1,2\n3,2\n4,2\n", ""),
                       doctest::Contains("column 1 has the same number in every training row, 2"),
                       ConfigError);
  CHECK_THROWS_WITH_AS(
      table("1,2\n3\n", ""),
      doctest::Contains("t.csv:2: every line must have as many numbers as the first, 2; found 1"),
      ConfigError);
  CHECK_THROWS_WITH_AS(table("1,2\n3,nan\n", ""),
                       doctest::Contains("t.csv:2: every cell must be a finite number; found nan"),
                       ConfigError);
}
