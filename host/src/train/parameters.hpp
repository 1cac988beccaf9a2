// The θ of a model of several parts: slots that stand one behind the other in one flat array.
#pragma once
#include <odeon/sdk/graph_field.hpp>
#include <string>
#include <vector>

#include "autodiff/vjp.hpp"
#include "experiment/session.hpp"

namespace odeon::host {

struct Parameters {
  std::vector<GraphField::Slot> slots;
  int64_t count = 0;  // elements

  // A slot behind the others; name: as weights.safetensors has it.
  Value add(GraphBuilder& graph, const std::string& name, const Shape& shape, int32_t init, double a,
            double b);
  // Those of a field, their names behind `prefix`.
  void add(const Field& field, const std::string& prefix);
};

// Initial values, drawn from `seed` in the order of the slots.
ParameterSet draw_parameters(std::span<const GraphField::Slot> slots, int32_t dtype, uint64_t seed);

// θ and its gradient on a backend.
struct DeviceParameters {
  DeviceParameters() = default;
  DeviceParameters(std::shared_ptr<Backend> backend, const Array& flat);
  DeviceTensor theta, gradient;
};

// Elements [offset, offset + count) of a flat tensor.
odeon_tensor part_of(const odeon_tensor& flat, int64_t offset, int64_t count);

// What a vjp graph writes, in the order of its outputs, and how.
struct GraphOutputs {
  std::vector<odeon_tensor> tensors;
  std::vector<int32_t> modes;

  void add(const odeon_tensor& to, int32_t mode) { tensors.push_back(to), modes.push_back(mode); }
  void skip() { add({}, ODEON_WRITE_SKIP); }
  // Its gradients by θ, into their parts of `flat`.
  void add_parameters(const VjpGraph& meaning, const odeon_tensor& flat, int32_t mode) {
    for (const VjpGraph::ParameterGradient& g : meaning.parameters)
      add(part_of(flat, g.offset, g.count), mode);
  }
};

// A shape with this many rows for its batch.
std::vector<int64_t> with_rows(const Shape& shape, int64_t rows);

}  // namespace odeon::host
