// The bidirectional spirals of Chen et al. 2018, section 5.1, as torchdiffeq's latent_ode.py draws them.
#pragma once
#include "train/series/series_data.hpp"

namespace odeon::host {

struct SpiralSettings {
  int64_t count = 1000;
  int64_t points = 100;       // of a series that can be observed
  int64_t extrapolate = 100;  // points behind them
  double noise = 0.3;         // standard deviation of what is added to each coordinate
};

constexpr int64_t kSpiralPoints = 1000;  // of each of the two spirals, over three turns

// values, truth (NaN behind a spiral's end), times and window; nothing is chosen as observed yet.
SeriesData make_spirals(const SpiralSettings& settings, uint64_t seed);

}  // namespace odeon::host
