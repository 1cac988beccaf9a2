// First-order optimisers as op graphs over the flat θ, so that they run where θ lives. Update rules and
// defaults are PyTorch's: SGD with momentum (Polyak 1964), RMSprop (Hinton 2012), Adam (Kingma, Ba 2015).
#pragma once
#include <memory>

#include "data/array.hpp"
#include "engine/graph_program.hpp"
#include "experiment/sections.hpp"

namespace odeon::host {

struct OptimizerSettings {
  enum class Kind { sgd, rmsprop, adam } kind = Kind::sgd;
  double learning_rate = 0.01, momentum = 0, weight_decay = 0;
  double alpha = 0.99, eps = 1e-8;    // rmsprop; eps also adam
  double beta1 = 0.9, beta2 = 0.999;  // adam
};

extern const odeon_option kOptimizerSection;
// Throws ConfigError.
OptimizerSettings read_optimizer(const ConfigNode& node);
// Arrays like θ that the rule keeps from step to step.
size_t moment_count(const OptimizerSettings& settings);

class Optimizer {
 public:
  Optimizer(std::shared_ptr<Backend> backend, const OptimizerSettings& settings, int32_t dtype,
            int64_t parameters);

  // θ -= step(gradient); learning_rate: of this step.
  void step(const odeon_tensor& theta, const odeon_tensor& gradient, double learning_rate);

  // Moments and step count, for checkpoints that resume to the same bits.
  std::vector<Array> moments() const;
  int64_t steps() const { return steps_; }
  void restore(const std::vector<Array>& moments, int64_t steps);  // sizes as they were

 private:
  std::shared_ptr<Backend> backend_;
  OptimizerSettings settings_;
  std::vector<DeviceTensor> moments_, next_;  // next_: θ and the moments after the step
  DeviceTensor scalars_;                      // learning rate and bias corrections
  std::unique_ptr<GraphProgram> program_;
  int64_t steps_ = 0;
};

}  // namespace odeon::host
