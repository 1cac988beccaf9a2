#include "engine/event_derivatives.hpp"

#include <odeon/sdk/graph_eval.hpp>

namespace odeon::host {
GraphPullback::GraphPullback(odeon_problem& problem, const Graph& graph)
    : p_(problem),
      reads_y_(find_input(graph, 0) != nullptr),
      meaning_(make_vjp(graph, {.inputs = true, .parameters = true, .time = true})),
      program_(p_.backend, std::move(meaning_.graph), p_.dtype, p_.batch),
      v_(DeviceTensor::like(p_.backend,
                            bound_shape(graph.nodes[size_t(graph.outputs[0])], p_.batch, p_.dtype))) {
  const size_t n = meaning_.input_gradients.size() + meaning_.parameters.size() + 1;
  for (size_t i = 0; i < n; ++i) outputs_.push_back(DeviceTensor::like(p_.backend, program_.output_shape(i)));
}

void GraphPullback::operator()(double t, const odeon_tensor& y, std::span<const double> v,
                               EventPullback& out) {
  host_.upload(*p_.backend, v_.view, v);
  std::vector<odeon_tensor> inputs, outputs;
  if (reads_y_) inputs.push_back(y);
  inputs.push_back(v_.view);
  for (const DeviceTensor& o : outputs_) outputs.push_back(o.view);
  const std::vector<int32_t> modes(outputs.size(), ODEON_WRITE_OVERWRITE);
  program_.run({host_scalar(t), p_.theta.data ? &p_.theta : nullptr, inputs, outputs, modes});
  std::vector<double> values;
  const auto add = [&](int output, double* to) {
    const odeon_tensor& x = outputs_[size_t(output)].view;
    values.resize(static_cast<size_t>(element_count(x)));
    host_.download(*p_.backend, x, values);
    for (size_t i = 0; i < values.size(); ++i) to[i] += values[i];
  };
  if (reads_y_) add(meaning_.input_gradients[0], out.y.data());
  for (const VjpGraph::ParameterGradient& slice : meaning_.parameters)
    add(slice.output, out.theta.data() + slice.offset);
  std::vector<double> by_time(static_cast<size_t>(p_.batch));
  add(meaning_.time_gradient, by_time.data());
  for (double g : by_time) out.t += g;
}

}  // namespace odeon::host
