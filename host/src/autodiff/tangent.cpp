#include "autodiff/tangent.hpp"

#include "autodiff/passes.hpp"
#include "autodiff/vjp.hpp"

namespace odeon::host {

namespace {

// The tangent of f's only output alone; at_tangent(builder, INPUT node) stands for a tangent.
template <class AtTangent>
Graph only_tangent(const Graph& both, int64_t inputs, const AtTangent& at_tangent) {
  GraphBuilder b;
  std::vector<Value> value;
  for (const odeon_node& node : both.nodes) {
    std::vector<Value> in;
    for (int32_t k = 0; k < node.n_inputs; ++k) in.push_back(value[size_t(node.inputs[k])]);
    const bool tangent = node.op == ODEON_OP_INPUT && node.ints[0] >= inputs;
    value.push_back(tangent ? at_tangent(b, node) : b.copy_of(node, in));
  }
  b.mark_output(value[size_t(both.outputs[1])]);
  return validated_graph(b.finish().view(), "the tangent of a field");
}

}  // namespace

Graph tangent_graph(const Graph& f, Tangent direction) {
  const int64_t inputs = input_count(f);
  return only_tangent(make_jvp(f, direction == Tangent::time), inputs,
                      [&](GraphBuilder& b, const odeon_node& node) {
                        if (direction == Tangent::state) return b.copy_of(node, {});
                        return b.constant(node.ints[0] == 2 * inputs ? 1 : 0, shape_of(node));
                      });
}

ParameterTangent parameter_tangent(const Graph& f, bool with_state) {
  const VjpRequest along{.inputs = with_state, .parameters = true};
  const VjpGraph reverse = make_vjp(f, along);
  const int64_t inputs = input_count(f), states = with_state ? inputs : 0;
  ParameterTangent out;
  for (const VjpGraph::ParameterGradient& p : reverse.parameters)
    out.slices.push_back({p.offset, reverse.graph.shape(reverse.graph.outputs[size_t(p.output)])});
  // A field that does not read y has no INPUT 0, and the slices would begin there.
  const int64_t shift = 1 + (with_state ? 1 : 0) - inputs - states;
  out.graph = only_tangent(make_jvp(f, along), inputs, [&](GraphBuilder& b, const odeon_node& node) {
    const int64_t index = node.ints[0] < inputs + states ? node.ints[0] : node.ints[0] + shift;
    return b.input(index, shape_of(node));
  });
  return out;
}

}  // namespace odeon::host
