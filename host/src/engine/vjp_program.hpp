// A derivative graph ready to run: its outputs where the caller of a vjp wants them.
#pragma once
#include <odeon/field.h>

#include <memory>
#include <span>
#include <vector>

#include "autodiff/vjp.hpp"
#include "engine/graph_program.hpp"

namespace odeon::host {

// What a call asks for.
VjpRequest request_of(const odeon_vjp_args& args);
// A number for it, below 16; even without the primal.
size_t number_of(const VjpRequest& request);

class VjpProgram {
 public:
  // parameters: elements of θ.
  VjpProgram(std::shared_ptr<Backend> backend, VjpGraph graph, int32_t dtype, int64_t batch,
             int64_t parameters);
  // The outputs that args asks for must be those of the graph.
  void run(const odeon_vjp_args& args, std::span<const odeon_tensor> inputs);

 private:
  std::shared_ptr<Backend> backend_;
  int64_t element_bytes_;
  std::vector<VjpGraph::ParameterGradient> parameters_;
  bool covers_theta_;  // they cover θ once, without overlap
  GraphProgram program_;
  std::vector<odeon_tensor> outputs_;  // scratch, kept so that steps do not allocate
  std::vector<int32_t> modes_;
};

}  // namespace odeon::host
