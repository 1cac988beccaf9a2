// The phases of a joint solve as a CUDA graph whose loop runs on the device: a WHILE node goes on for as long
// as the phases say, IF nodes hold what only some steps need. The host starts it once per solve.
#pragma once
#include <cuda_runtime_api.h>

#include <functional>

#include "joint/joint_source.hpp"

namespace odeon::cuda {

// Whether toolkit and driver have conditional nodes (12.4).
bool can_capture_loops();

class CapturedLoop {
 public:
  struct Work {
    // Launches a phase on the stream. which: see JointArgs; conditions: kConditions handles, 0 for none.
    std::function<void(Phase, int64_t which, const unsigned long long* conditions)> phase;
    std::function<void(int call)> field;  // launches the kernels of a call of the field
    bool estimates_first_step;
    bool fsal;
    int stages;
  };

  // stream: what captures the work; nothing runs on it.
  CapturedLoop(cudaStream_t stream, const Work& work);
  ~CapturedLoop();
  CapturedLoop(const CapturedLoop&) = delete;
  CapturedLoop& operator=(const CapturedLoop&) = delete;

  // On any stream of the device.
  void launch(cudaStream_t stream) const;

 private:
  using Body = std::function<void()>;
  unsigned long long handle_in(cudaGraph_t graph) const;
  // Adds what body launches to the graph, behind `after` where there is such a node; returns the last node.
  cudaGraphNode_t add(cudaGraph_t graph, cudaGraphNode_t after, const Body& body) const;
  cudaGraphNode_t add_conditional(cudaGraph_t graph, cudaGraphNode_t after, unsigned long long handle,
                                  bool loops, cudaGraph_t* body) const;
  void add_beginning(const Work& work, unsigned long long running);
  void add_trial(const Work& work, cudaGraph_t trial, unsigned long long running);

  cudaStream_t stream_;
  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t ready_ = nullptr;
  cudaGraphNode_t last_ = nullptr;
};

}  // namespace odeon::cuda
