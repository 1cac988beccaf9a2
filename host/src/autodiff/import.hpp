// A graph inside another one that is being built.
#pragma once
#include <odeon/sdk/graph.hpp>
#include <vector>

namespace odeon::host {

// A copy of f's nodes in b, with at_input(node) for its INPUTs; value[i] is f's node i.
template <class AtInput>
std::vector<Value> import(GraphBuilder& b, const Graph& f, const AtInput& at_input) {
  std::vector<Value> value;
  for (const odeon_node& node : f.nodes) {
    std::vector<Value> in;
    for (int32_t k = 0; k < node.n_inputs; ++k) in.push_back(value[size_t(node.inputs[k])]);
    value.push_back(node.op == ODEON_OP_INPUT ? at_input(node) : b.copy_of(node, in));
  }
  return value;
}

// With its own INPUTs.
inline std::vector<Value> import(GraphBuilder& b, const Graph& f) {
  return import(b, f, [&](const odeon_node& node) { return b.copy_of(node, {}); });
}

}  // namespace odeon::host
