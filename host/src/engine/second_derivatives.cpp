#include "engine/second_derivatives.hpp"

#include "data/error.hpp"

namespace odeon::host {

SecondDerivatives::SecondDerivatives(std::shared_ptr<Backend> backend, const Field& field, int32_t dtype,
                                     int64_t batch)
    : backend_(std::move(backend)), field_(field), dtype_(dtype), batch_(batch) {
  if (!field.graph())
    throw ConfigError(
        "field '" + field.id() +
        "' does not lower itself to a graph, so it has no second derivatives (capability: graph), "
        "which this solver needs for an exact gradient; use gradient adjoint, or an explicit solver");
}

SecondDerivatives::Program& SecondDerivatives::program(Tangent direction, bool with_theta) {
  std::unique_ptr<Program>& p = programs_[(direction == Tangent::time ? 2 : 0) + (with_theta ? 1 : 0)];
  if (!p) {
    const Graph tangent = tangent_graph(*field_.graph(), direction);
    p = std::make_unique<Program>();
    p->inputs = input_count(tangent);
    p->reads_y = find_input(tangent, 0) != nullptr;
    p->meaning = make_vjp(tangent, {.inputs = true, .parameters = with_theta});
    p->program = std::make_unique<GraphProgram>(backend_, std::move(p->meaning.graph), dtype_, batch_);
  }
  return *p;
}

void SecondDerivatives::run(Program& p, const Point& at, const odeon_tensor* u, const odeon_tensor& v,
                            const odeon_tensor& gy, const odeon_tensor* gtheta) {
  if (!p.reads_y && p.meaning.parameters.empty()) return;
  const size_t n_outputs = p.meaning.input_gradients.size() + p.meaning.parameters.size();
  std::vector<odeon_tensor> outputs(n_outputs);
  std::vector<int32_t> modes(n_outputs, ODEON_WRITE_SKIP);
  if (p.reads_y) {
    const size_t output = static_cast<size_t>(p.meaning.input_gradients[0]);
    outputs[output] = gy;
    modes[output] = ODEON_WRITE_ACCUMULATE;
  }
  for (const VjpGraph::ParameterGradient& part : p.meaning.parameters) {
    const size_t output = static_cast<size_t>(part.output);
    outputs[output] = p.program->output_shape(output);
    outputs[output].data = static_cast<char*>(gtheta->data) + part.offset * dtype_bytes(dtype_);
    modes[output] = ODEON_WRITE_ACCUMULATE;
  }
  std::vector<odeon_tensor> inputs;
  if (p.inputs > 0) inputs.push_back(at.y);
  if (p.inputs > 1) inputs.push_back(*u);
  inputs.push_back(v);
  p.program->run({host_scalar(at.t), at.theta, inputs, outputs, modes});
}

void SecondDerivatives::of_product(const Point& at, const odeon_tensor& u, const odeon_tensor& v,
                                   const odeon_tensor& gy, const odeon_tensor* gtheta) {
  run(program(Tangent::state, gtheta != nullptr), at, &u, v, gy, gtheta);
}

void SecondDerivatives::of_slope(const Point& at, const odeon_tensor& v, const odeon_tensor& gy,
                                 const odeon_tensor* gtheta) {
  run(program(Tangent::time, gtheta != nullptr), at, nullptr, v, gy, gtheta);
}

}  // namespace odeon::host
