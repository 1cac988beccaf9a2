#include "autodiff/tangent.hpp"

#include "autodiff/passes.hpp"
#include "autodiff/vjp.hpp"

namespace odeon::host {

Graph tangent_graph(const Graph& f, Tangent direction) {
  // make_jvp's INPUTs: those of f, their tangents, the tangent of t; its outputs: f's, then their tangents.
  const int64_t inputs = input_count(f);
  const Graph both = make_jvp(f, direction == Tangent::time);
  GraphBuilder b;
  std::vector<Value> value;
  for (const odeon_node& node : both.nodes) {
    std::vector<Value> in;
    for (int32_t k = 0; k < node.n_inputs; ++k) in.push_back(value[size_t(node.inputs[k])]);
    const bool tangent = node.op == ODEON_OP_INPUT && node.ints[0] >= inputs;
    if (tangent && direction == Tangent::time)
      value.push_back(b.constant(node.ints[0] == 2 * inputs ? 1 : 0, shape_of(node)));
    else
      value.push_back(b.copy_of(node, in));
  }
  b.mark_output(value[size_t(both.outputs[1])]);
  return validated_graph(b.finish().view(), "the tangent of a field");
}

}  // namespace odeon::host
