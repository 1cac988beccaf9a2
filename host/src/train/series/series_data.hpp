// Time series on one grid of times, each observed at some of its points; the `data` section of a latent ODE.
#pragma once
#include <vector>

#include "data/array.hpp"
#include "experiment/sections.hpp"

namespace odeon::host {

// 1. times rise; the first `window` of them can be observed, the others lie beyond and are only predicted.
// 2. Series n is observed at the points observed[n], which rise and are one or more; values are finite there.
// 3. The first `training` series train a model, the others are held out. Where there are none, errors are
//    those of the series that train it.
struct SeriesData {
  std::vector<double> times;
  int64_t window = 0;
  Array values, truth;  // [N, T, D], float64: as measured, and what errors are measured from; NaN: unknown
  std::vector<std::vector<int64_t>> observed;
  int64_t training = 0;

  int64_t size() const { return values.shape[0]; }
  int64_t points() const { return values.shape[1]; }
  int64_t width() const { return values.shape[2]; }
  int64_t first_measured() const { return training < size() ? training : 0; }  // whose errors are reported
  int64_t most_observed() const;
  int64_t at(int64_t series, int64_t point) const { return (series * points() + point) * width(); }
};

extern const odeon_option kSeriesSection;

// Throws ConfigError.
SeriesData read_series(const ConfigNode& data, uint64_t seed);

// The root of the mean squared difference of predictions [N', T, D] of the series from `first` on from the
// truth, at points [from, to); of the numbers that both have. NaN where there are none.
double prediction_error(const SeriesData& data, const Array& predictions, int64_t first, int64_t from,
                        int64_t to);

}  // namespace odeon::host
