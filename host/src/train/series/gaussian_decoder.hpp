// p(x | features): a network's output with Gaussian noise of a fixed standard deviation.
#pragma once
#include "autodiff/vjp.hpp"
#include "engine/graph_program.hpp"
#include "experiment/sections.hpp"
#include "train/parameters.hpp"
#include "train/series/sequences.hpp"

namespace odeon::host {

struct GaussianDecoder {
  Graph mean;  // INPUT 0 features [batch, F] -> [batch, D]
  Graph
      loss;  // INPUTs features, target [batch, D], weight [batch, 1] -> weight |target - mean|² / (2 noise²)
  double noise = 1;

  // -log of the normalising factors of `numbers` observed numbers.
  double constant(int64_t numbers) const;
};

// Of the latent ODE and of the recurrent network.
const odeon_option& decoder_section();
extern const odeon_option kNoiseKey, kTimeStepKey;

// list: the `decoder` section, from rows of `features` numbers to rows of `width`; noise: of `node`. Throws
// ConfigError.
GaussianDecoder read_decoder(const ConfigNode& node, int64_t features, int64_t width,
                             const Registry& registry, Parameters& parameters);

// On a backend, for one number of rows.
class DecoderProgram {
 public:
  DecoderProgram(std::shared_ptr<Backend> backend, const GaussianDecoder& decoder, int32_t dtype,
                 int64_t rows);

  // Means [rows, D] of features [rows, F].
  Array decode(const odeon_tensor& theta, const odeon_tensor& features);
  // The loss without its constant, summed over the rows. scale times its gradient: by the features over what
  // stood in `cotangent`, by θ added to `gradient`.
  double differentiate(const DeviceParameters& parameters, const odeon_tensor& features,
                       const Targets& targets, double scale, const odeon_tensor& cotangent);

 private:
  std::shared_ptr<Backend> backend_;
  GraphProgram mean_;
  VjpGraph meaning_;
  std::unique_ptr<GraphProgram> reverse_;
  DeviceTensor out_, target_, weight_, losses_, scale_;
};

}  // namespace odeon::host
