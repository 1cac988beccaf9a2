// A classifier as a chain of segments: runs of ordinary layers, compiled as one graph each, and
// continuous-depth blocks between them.
#pragma once
#include <map>
#include <memory>
#include <optional>

#include "autodiff/vjp.hpp"
#include "train/parameters.hpp"
#include "train/pass_costs.hpp"
#include "train/regularisers.hpp"

namespace odeon::host {

class Model {
 public:
  // list: the `model` section; row_shape: of one input. The last layer gives one logit per class.
  Model(const ConfigNode& list, const std::vector<int64_t>& row_shape, const Registry& registry,
        uint64_t seed, int32_t dtype);
  ~Model();

  int64_t parameter_count() const;
  ParameterSet& parameters() { return parameters_; }  // once bound
  int64_t classes() const { return classes_; }
  bool has_ode() const;
  Regularisers regularisers() const;  // weights, added up over the blocks
  std::string summary() const;        // a line per segment with its parameters

  // Draws and places θ, and builds what does not depend on the batch size.
  void bind(std::shared_ptr<Backend> backend);
  const odeon_tensor& theta() const { return device_.theta.view; }
  const odeon_tensor& gradient() const { return device_.gradient.view; }

  // Which random probes regularisers take: those of a step, from a row of its batch on.
  struct Probes {
    uint64_t step = 0;
    int64_t first_row = 0;
  };
  // Mean cross-entropy of a batch; the gradient by θ of it and of the regularisers into gradient(),
  // overwritten. inputs [B, row…], one_hot [B, classes] in the model's dtype on the host.
  double differentiate(const Array& inputs, const Array& one_hot, PassCosts& costs, Probes probes = {0, 0});
  // Logits [B, classes].
  Array logits(const Array& inputs, PassCosts& costs);

 private:
  struct Segment;
  struct Batch;  // programs, problems and buffers for one batch size
  Batch& batch_of(int64_t rows);
  // probes: absent: nothing is kept for a backward pass, and regularisers are left out.
  void forward(Batch& batch, const Array& inputs, std::optional<Probes> probes, PassCosts& costs);

  int32_t dtype_;
  uint64_t seed_;
  int64_t classes_ = 0;
  std::vector<std::unique_ptr<Segment>> segments_;
  std::vector<GraphField::Slot> slots_;
  ParameterSet parameters_;
  std::shared_ptr<Backend> backend_;
  DeviceParameters device_;
  std::map<int64_t, std::unique_ptr<Batch>> batches_;
};

}  // namespace odeon::host
