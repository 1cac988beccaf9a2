#include "autodiff/passes.hpp"

#include "data/error.hpp"

namespace odeon::host {

Graph validated_graph(const odeon_graph& graph, const std::string& who) {
  try {
    validate(graph);
    GraphBuilder b;
    std::vector<Value> value;
    for (int64_t i = 0; i < graph.n_nodes; ++i) {
      std::vector<Value> inputs;
      for (int32_t k = 0; k < graph.nodes[i].n_inputs; ++k)
        inputs.push_back(value[size_t(graph.nodes[i].inputs[k])]);
      value.push_back(b.copy_of(graph.nodes[i], inputs));
    }
    for (int64_t i = 0; i < graph.n_outputs; ++i) b.mark_output(value[size_t(graph.outputs[i])]);
    return b.finish();
  } catch (const odeon::Error& e) {
    throw PluginError(who + " lowered itself to a graph that breaks a rule: " + e.what() +
                      "; this is a bug of the plugin");
  }
}

}  // namespace odeon::host
