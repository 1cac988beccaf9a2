// Derivatives of the functions of events that are graphs.
#pragma once
#include <memory>
#include <vector>

#include "autodiff/vjp.hpp"
#include "engine/graph_program.hpp"
#include "engine/host_doubles.hpp"
#include "engine/problem.hpp"

namespace odeon::host {

// v^T d/d(y, θ, t) of a graph from [batch, state…] to one output.
class GraphPullback {
 public:
  GraphPullback(odeon_problem& problem, const Graph& graph);
  // Adds to `out`; v: the output's cotangent, row-major.
  void operator()(double t, const odeon_tensor& y, std::span<const double> v, EventPullback& out);

 private:
  odeon_problem& p_;
  bool reads_y_;
  VjpGraph meaning_;  // its graph has moved into the program
  GraphProgram program_;
  DeviceTensor v_;
  std::vector<DeviceTensor> outputs_;
  HostDoubles host_;
};

}  // namespace odeon::host
