// What a training run sees of a model of time series.
#pragma once
#include <memory>

#include "train/parameters.hpp"
#include "train/pass_costs.hpp"
#include "train/series/series_data.hpp"

namespace odeon::host {

// Means over the series of a batch; total = -log p(observations | …) + kl.
struct SeriesLoss {
  double total = 0, kl = 0;
};

class SeriesModel {
 public:
  virtual ~SeriesModel() = default;

  virtual std::string summary() const = 0;  // a line per part with its parameters
  virtual const Parameters& parameters() const = 0;
  // θ to begin with.
  virtual ParameterSet start(int32_t dtype, uint64_t seed) const {
    return draw_parameters(parameters().slots, dtype, seed);
  }
  // Before the calls below. θ and its gradient live as long as the model.
  void bind(std::shared_ptr<Backend> backend, const DeviceParameters& parameters) {
    backend_ = std::move(backend);
    device_ = &parameters;
  }

  // Numbers of noise that a series takes in `differentiate`.
  virtual int64_t noise_width() const { return 0; }
  // The loss of these series, and its gradient over what was there. noise: [series, noise_width], normal, in
  // the dtype.
  virtual SeriesLoss differentiate(std::span<const int64_t> series, const Array& noise, PassCosts& costs) = 0;
  // [series, T, D]; NaN at points for which this model has no value, infinity where its solve failed.
  virtual Array predict(std::span<const int64_t> series, PassCosts& costs) = 0;

 protected:
  std::shared_ptr<Backend> backend_;
  const DeviceParameters* device_ = nullptr;
};

// Predictions [series, T, D] from values at all times, rows [T, series] of D; infinity unless `whole`.
Array by_series(const SeriesData& data, const Array& found, int64_t series, bool whole);

}  // namespace odeon::host
