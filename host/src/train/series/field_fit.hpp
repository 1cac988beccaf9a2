// A field fitted to time series of its own state: each series begins with its first point, and the loss is
// the mean of the squared errors at the points of the window that were observed behind it.
#pragma once
#include <map>

#include "experiment/fit.hpp"
#include "train/series/series_model.hpp"

namespace odeon::host {

class FieldFit final : public SeriesModel {
 public:
  // root: with `field`, `solver`, `gradient` and `data`. The data outlive the model. Throws ConfigError.
  FieldFit(const ConfigNode& root, const SeriesData& data, const Registry& registry, int32_t dtype);
  ~FieldFit() override;

  std::string summary() const override;
  const Parameters& parameters() const override { return parameters_; }
  ParameterSet start(int32_t dtype, uint64_t seed) const override;
  SeriesLoss differentiate(std::span<const int64_t> series, const Array& noise, PassCosts& costs) override;
  Array predict(std::span<const int64_t> series, PassCosts& costs) override;

 private:
  struct Batch;  // problem and buffers for one number of series
  Batch& batch_of(int64_t rows);
  void upload_first_points(Batch& batch, std::span<const int64_t> series);

  const SeriesData& data_;
  int32_t dtype_;
  FieldChoice choice_;
  FittedParts ode_;
  Parameters parameters_;
  std::unique_ptr<Gradient> gradient_;
  std::map<int64_t, std::unique_ptr<Batch>> batches_;
};

}  // namespace odeon::host
