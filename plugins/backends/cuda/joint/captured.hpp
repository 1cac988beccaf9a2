// CUDA graphs that loop on the device: a sequence of captured launches, WHILE nodes that go on for as long as
// a kernel says, and IF nodes for what only some turns need. The host starts one and reads nothing before its
// end.
#pragma once
#include <functional>

#include "compile/modules.hpp"
#include "handles.hpp"

namespace odeon::cuda {

// Kernels that set conditions. Throws ODEON_E_UNSUPPORTED where driver (12.4) or device have no conditional
// nodes, or do not take the kernels.
std::shared_ptr<const Module> load_loop_kernels(Modules& modules, const std::string& source,
                                                const std::vector<std::string>& names);

// Nodes of a graph, or of the body of a conditional node, one behind the other.
class CapturedSequence {
 public:
  CapturedSequence(cudaStream_t stream, cudaGraph_t graph) : stream_(stream), graph_(graph) {}

  // For one conditional node of this sequence; 0 when the graph starts. Kernels set it in front of the node,
  // in each turn anew: whether a condition in the body of a loop keeps its value until the next turn is not
  // documented. Its handle + 1, since 0 is none here, while a driver may begin with it.
  unsigned long long condition() const;
  // What `launches` puts on the stream: kernels, whose arguments are copied now; one at least.
  void add(const std::function<void()>& launches);
  // The body of a node that runs while, or if, the condition is not 0.
  CapturedSequence add_while(unsigned long long condition);
  CapturedSequence add_if(unsigned long long condition);

 private:
  CapturedSequence add_conditional(unsigned long long condition, cudaGraphConditionalNodeType type);

  cudaStream_t stream_;
  cudaGraph_t graph_;
  cudaGraphNode_t last_ = nullptr;
};

class CapturedGraph {
 public:
  // stream: what captures the work; nothing runs on it.
  CapturedGraph(cudaStream_t stream, const std::function<void(CapturedSequence&)>& write);
  // On any stream of the device.
  void launch(cudaStream_t stream) const;

 private:
  const CudaGraph graph_;
  ReadyGraph ready_;
};

}  // namespace odeon::cuda
