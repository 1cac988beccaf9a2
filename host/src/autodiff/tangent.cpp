#include "autodiff/tangent.hpp"

#include "autodiff/import.hpp"
#include "autodiff/passes.hpp"
#include "autodiff/vjp.hpp"

namespace odeon::host {

namespace {

// The tangent of f's only output alone; at_tangent(builder, INPUT node) stands for a tangent.
template <class AtTangent>
Graph only_tangent(const Graph& both, int64_t inputs, const AtTangent& at_tangent) {
  GraphBuilder b;
  const std::vector<Value> value = import(b, both, [&](const odeon_node& node) {
    return node.ints[0] >= inputs ? at_tangent(b, node) : b.copy_of(node, {});
  });
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

Graph with_tangent(const Graph& f, const Shape& row, int64_t n_parameters) {
  const VjpRequest along{.inputs = true, .parameters = true};
  const VjpGraph reverse = make_vjp(f, along);
  const int64_t inputs = input_count(f), n = row_elements(row);
  GraphBuilder b;
  const Value pairs = b.reshape(b.input(0, {ODEON_BATCH, 2 * n}), {ODEON_BATCH, n, 2});
  const auto from_pairs = [&](int64_t part, const Shape& shape) {
    return b.reshape(b.slice(pairs, 2, part, part + 1), shape);
  };
  const auto at_input = [&](const odeon_node& node) {
    if (node.ints[0] < 2 * inputs) return from_pairs(node.ints[0] / inputs, shape_of(node));
    const VjpGraph::ParameterGradient& slice = reverse.parameters[size_t(node.ints[0] - 2 * inputs)];
    return b.parameter(n_parameters + slice.offset, shape_of(node));
  };
  const Graph both = make_jvp(f, along);
  const std::vector<Value> value = import(b, both, at_input);
  const auto to_pair = [&](int32_t output) { return b.reshape(value[size_t(output)], {ODEON_BATCH, n, 1}); };
  b.mark_output(
      b.reshape(b.concat(to_pair(both.outputs[0]), to_pair(both.outputs[1]), 2), {ODEON_BATCH, 2 * n}));
  return b.finish();
}

}  // namespace odeon::host
