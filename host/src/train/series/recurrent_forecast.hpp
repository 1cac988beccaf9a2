// The baseline of Chen et al. 2018, section 5.1: a recurrent network that reads the observations from first
// to last and predicts the next one each time; beyond the window it reads its own predictions.
#pragma once
#include <map>

#include "train/series/gaussian_decoder.hpp"
#include "train/series/recurrence.hpp"
#include "train/series/recurrent_cell.hpp"
#include "train/series/series_model.hpp"

namespace odeon::host {

const odeon_option& recurrent_section();

class RecurrentForecast final : public SeriesModel {
 public:
  // node: the `recurrent` section. The data outlive the model. Throws ConfigError.
  RecurrentForecast(const ConfigNode& node, const SeriesData& data, const Registry& registry, int32_t dtype);
  ~RecurrentForecast() override;

  std::string summary() const override;
  const Parameters& parameters() const override { return parameters_; }
  SeriesLoss differentiate(std::span<const int64_t> series, const Array& noise, PassCosts& costs) override;
  // Each point of the window from the observations before it.
  Array predict(std::span<const int64_t> series, PassCosts& costs) override;

 private:
  struct Batch;  // programs and buffers for one number of series
  Batch& batch_of(int64_t rows);
  void read(Batch& batch, std::span<const int64_t> series);
  void predict_window(Batch& batch, std::span<const int64_t> series, Array& out);
  void predict_beyond(Batch& batch, Array& out);

  const SeriesData& data_;
  int32_t dtype_;
  int64_t hidden_;
  bool gaps_;
  Parameters parameters_;
  Graph cell_;
  GaussianDecoder decoder_;
  std::map<int64_t, std::unique_ptr<Batch>> batches_;
};

}  // namespace odeon::host
