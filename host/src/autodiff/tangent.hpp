// Directional derivatives of a field's graph as graphs of one output.
#pragma once
#include <odeon/sdk/graph.hpp>
#include <vector>

namespace odeon::host {

enum class Tangent { state, time };

// f: one INPUT y, one output dy. state: INPUT 1 is u, the output df/dy u. time: the output is df/dt.
Graph tangent_graph(const Graph& f, Tangent direction);

// df/dy u + df/dθ θ' (without u: df/dθ θ'). INPUT 1 is u, if there is one; the INPUTs behind it are slices of
// θ'.
struct ParameterTangent {
  struct Slice {
    int64_t offset;
    Shape shape;
  };
  Graph graph;
  std::vector<Slice> slices;
};
ParameterTangent parameter_tangent(const Graph& f, bool with_state);

// f and its derivative along a direction as one field: dy/dt = f, du/dt = df/dy u + df/dθ θ'. A row of its
// state is y_0, u_0, y_1, u_1, ..., so that halves of rows stay halves; θ' stands behind the n_parameters of
// θ.
Graph with_tangent(const Graph& f, const Shape& row, int64_t n_parameters);

}  // namespace odeon::host
