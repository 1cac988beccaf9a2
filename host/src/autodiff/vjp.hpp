// Reverse-mode differentiation of op graphs into op graphs, so that a backend runs derivative
// products from the same op set, and derivatives of derivatives come for free.
#pragma once
#include <odeon/sdk/graph.hpp>
#include <vector>

namespace odeon::host {

// Which outputs of the derivative graph are wanted.
struct VjpRequest {
  bool primal = false;      // f itself
  bool inputs = false;      // gradients of all inputs
  bool parameters = false;  // gradients of θ
  bool time = false;        // gradient of t, one per row
};

// INPUT indices of f stay; the cotangent of f's output k is INPUT n_inputs + k. Outputs stand in the order
// of VjpRequest's members.
struct VjpGraph {
  struct ParameterGradient {
    int output;
    int64_t offset, count;  // the slice of θ
  };
  Graph graph;
  int primal_outputs = 0;
  std::vector<int> input_gradients;  // output index by INPUT index; empty unless wanted
  std::vector<ParameterGradient> parameters;
  int time_gradient = -1;
};

// θ's slices are gathered by equal (offset, shape); unreached inputs get zeros.
VjpGraph make_vjp(const Graph& f, const VjpRequest& request);

// Number of INPUTs: one more than the largest index.
int64_t input_count(const Graph& f);
// Shape of an INPUT; empty where the graph does not read it (then its gradient is not formed).
const odeon_node* find_input(const Graph& f, int64_t index);

// Outputs: f's, then their tangents. Made from two reverse passes: u -> J u is the transpose of v -> vᵀ J.
// INPUT n_inputs + i is the tangent of what output i of make_vjp(f, along) is the gradient of; along.primal
// must be false.
Graph make_jvp(const Graph& f, const VjpRequest& along);
// Along the inputs, and along t (INPUT 2 n_inputs, [batch]) when with_time.
Graph make_jvp(const Graph& f, bool with_time = false);

}  // namespace odeon::host
