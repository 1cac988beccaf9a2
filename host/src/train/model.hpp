// A classifier as a chain of segments: runs of ordinary layers, compiled as one graph each, and
// continuous-depth blocks between them.
#pragma once
#include <map>
#include <memory>
#include <odeon/sdk/graph_field.hpp>
#include <optional>

#include "autodiff/vjp.hpp"
#include "experiment/session.hpp"
#include "train/regularisers.hpp"

namespace odeon::host {

// Costs of one forward or backward pass of a batch, summed over the ode blocks.
struct PassCosts {
  Counters forward, backward;
  int64_t tape_peak = 0;             // bytes kept between forward and backward: activations and tapes
  double kinetic = 0, jacobian = 0;  // regularisers' means over the rows, added up over batches and blocks
};

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
  const odeon_tensor& theta() const { return theta_.view; }
  const odeon_tensor& gradient() const { return gradient_.view; }

  // Mean cross-entropy of a batch; the gradient by θ of it and of the regularisers into gradient(),
  // overwritten. inputs [B, row…], one_hot [B, classes] in the model's dtype on the host; draw: which random
  // probes regularisers take.
  double differentiate(const Array& inputs, const Array& one_hot, PassCosts& costs, uint64_t draw = 0);
  // Logits [B, classes].
  Array logits(const Array& inputs, PassCosts& costs);

 private:
  struct Segment;
  struct Batch;  // programs, problems and buffers for one batch size
  Batch& batch_of(int64_t rows);
  // draw: absent: nothing is kept for a backward pass, and regularisers are left out.
  void forward(Batch& batch, const Array& inputs, std::optional<uint64_t> draw, PassCosts& costs);

  void draw_parameters();

  int32_t dtype_;
  uint64_t seed_;
  int64_t classes_ = 0;
  std::vector<std::unique_ptr<Segment>> segments_;
  std::vector<GraphField::Slot> slots_;
  ParameterSet parameters_;
  std::shared_ptr<Backend> backend_;
  DeviceTensor theta_, gradient_;
  std::map<int64_t, std::unique_ptr<Batch>> batches_;
};

}  // namespace odeon::host
