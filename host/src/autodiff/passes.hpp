// Graph checks and clean-ups.
#pragma once
#include <odeon/sdk/graph.hpp>
#include <string>

namespace odeon::host {

// An owned copy of a component's graph after checking every rule, with equal nodes merged and unused
// ones removed. who: "field 'x'". Throws PluginError.
Graph validated_graph(const odeon_graph& graph, const std::string& who);

}  // namespace odeon::host
