// The latent ODE of Chen et al. 2018, section 5: a recurrent encoder over the observations from last to
// first, a Gaussian over the latent state at the first time, an ODE from there over all times, and a decoder
// at each.
#pragma once
#include <map>

#include "experiment/fit.hpp"
#include "train/series/gaussian_decoder.hpp"
#include "train/series/posterior.hpp"
#include "train/series/recurrence.hpp"
#include "train/series/recurrent_cell.hpp"
#include "train/series/series_model.hpp"

namespace odeon::host {

const odeon_option& latent_section();

class LatentOde final : public SeriesModel {
 public:
  // node: the `latent` section. The data outlive the model. Throws ConfigError.
  LatentOde(const ConfigNode& node, const SeriesData& data, const Registry& registry, int32_t dtype);
  ~LatentOde() override;

  std::string summary() const override;
  const Parameters& parameters() const override { return parameters_; }
  int64_t noise_width() const override { return latent_; }  // z0 is drawn by it
  SeriesLoss differentiate(std::span<const int64_t> series, const Array& noise, PassCosts& costs) override;
  // From the mean of z0.
  Array predict(std::span<const int64_t> series, PassCosts& costs) override;

 private:
  struct Batch;  // programs, problem and buffers for one number of series
  Batch& batch_of(int64_t rows);
  odeon_tensor of_field(const odeon_tensor& flat) const;  // its part of θ, or of the gradient
  // Encodes the series and draws z0 with this noise; returns the sum of the divergences.
  double encode(Batch& batch, std::span<const int64_t> series, const Array& noise);

  const SeriesData& data_;
  int32_t dtype_;
  int64_t latent_;
  bool gaps_;
  Parameters parameters_;
  Graph cell_, posterior_;
  FittedParts ode_;
  int64_t field_offset_ = 0;
  std::unique_ptr<Gradient> gradient_;
  GaussianDecoder decoder_;
  std::string summary_;
  std::map<int64_t, std::unique_ptr<Batch>> batches_;
};

}  // namespace odeon::host
