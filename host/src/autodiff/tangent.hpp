// Directional derivatives of a field's graph as graphs of one output.
#pragma once
#include <odeon/sdk/graph.hpp>

namespace odeon::host {

enum class Tangent { state, time };

// f: one INPUT y, one output dy. state: INPUT 1 is u, the output df/dy u. time: the output is df/dt.
Graph tangent_graph(const Graph& f, Tangent direction);

}  // namespace odeon::host
