#include "joint/captured.hpp"

namespace odeon::cuda {
namespace {

// What the stream that is being captured would wait for next.
cudaGraphNode_t last_captured(cudaStream_t stream) {
  cudaStreamCaptureStatus status{};
  unsigned long long id = 0;
  cudaGraph_t graph = nullptr;
  const cudaGraphNode_t* nodes = nullptr;
  size_t count = 0;
#if CUDART_VERSION >= 13000
  const cudaGraphEdgeData* edges = nullptr;
  check_runtime(cudaStreamGetCaptureInfo(stream, &status, &id, &graph, &nodes, &edges, &count),
                "capturing a loop");
#else
  check_runtime(cudaStreamGetCaptureInfo_v2(stream, &status, &id, &graph, &nodes, &count),
                "capturing a loop");
#endif
  if (count != 1) throw Error("capturing a loop: the stream has no single end", ODEON_E_INTERNAL);
  return nodes[0];
}

cudaError_t add_node(cudaGraphNode_t* node, cudaGraph_t graph, const cudaGraphNode_t& after,
                     cudaGraphNodeParams* parameters) {
  const size_t count = after ? 1 : 0;
#if CUDART_VERSION >= 13000
  return cudaGraphAddNode(node, graph, &after, nullptr, count, parameters);
#else
  return cudaGraphAddNode(node, graph, &after, count, parameters);
#endif
}

CudaGraph make_graph() {
  cudaGraph_t graph = nullptr;
  check_runtime(cudaGraphCreate(&graph, 0), "creating a CUDA graph");
  return CudaGraph(graph);
}

// Adds a conditional node to a graph that nobody runs.
void require_conditional_nodes() {
  int driver = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver < 12040)
    throw Error("a driver older than 12.4 has no loops on the device", ODEON_E_UNSUPPORTED);
  const CudaGraph graph = make_graph();
  try {
    CapturedSequence some(nullptr, graph.get());
    some.add_if(some.condition());
  } catch (const Error& e) {
    throw Error(std::string("the device has no loops: ") + e.what(), ODEON_E_UNSUPPORTED);
  }
}

}  // namespace

// A condition is set by a function of the driver, which is found when it loads PTX or code.
std::shared_ptr<const Module> load_loop_kernels(Modules& modules, const std::string& source,
                                                const std::vector<std::string>& names) {
  require_conditional_nodes();
  try {
    return modules.get(source, names, Form::ptx);
  } catch (const Error& e) {
    try {  // code of the device, which a driver takes that is older than NVRTC and does not know its PTX
      return modules.get(source, names);
    } catch (const Error&) {
      throw Error(std::string("the driver does not take the kernels of a captured loop: ") + e.what(),
                  ODEON_E_UNSUPPORTED);
    }
  }
}

unsigned long long CapturedSequence::condition() const {
  cudaGraphConditionalHandle handle = 0;
  check_runtime(cudaGraphConditionalHandleCreate(&handle, graph_, 0, cudaGraphCondAssignDefault),
                "creating a condition");
  return handle + 1;
}

void CapturedSequence::add(const std::function<void()>& launches) {
  check_runtime(cudaStreamBeginCaptureToGraph(stream_, graph_, &last_, nullptr, last_ ? 1 : 0,
                                              cudaStreamCaptureModeThreadLocal),
                "capturing a loop");
  cudaGraph_t captured = nullptr;
  try {
    launches();
    last_ = last_captured(stream_);
  } catch (...) {
    cudaStreamEndCapture(stream_, &captured);
    cudaGetLastError();  // of a capture that something has made invalid
    throw;
  }
  check_runtime(cudaStreamEndCapture(stream_, &captured), "capturing a loop");
}

CapturedSequence CapturedSequence::add_while(unsigned long long condition) {
  return add_conditional(condition, cudaGraphCondTypeWhile);
}

CapturedSequence CapturedSequence::add_if(unsigned long long condition) {
  return add_conditional(condition, cudaGraphCondTypeIf);
}

CapturedSequence CapturedSequence::add_conditional(unsigned long long condition,
                                                   cudaGraphConditionalNodeType type) {
  cudaGraphNodeParams parameters{};
  parameters.type = cudaGraphNodeTypeConditional;
  parameters.conditional.handle = condition - 1;
  parameters.conditional.type = type;
  parameters.conditional.size = 1;
  cudaGraphNode_t node = nullptr;
  check_runtime(add_node(&node, graph_, last_, &parameters), "adding a conditional node");
  last_ = node;
  return {stream_, parameters.conditional.phGraph_out[0]};
}

CapturedGraph::CapturedGraph(cudaStream_t stream, const std::function<void(CapturedSequence&)>& write)
    : graph_(make_graph()) {
  CapturedSequence all(stream, graph_.get());
  write(all);
  cudaGraphExec_t ready = nullptr;
  check_runtime(cudaGraphInstantiate(&ready, graph_.get(), 0), "making a captured loop ready");
  ready_.reset(ready);
}

void CapturedGraph::launch(cudaStream_t stream) const {
  check_runtime(cudaGraphLaunch(ready_.get(), stream), "starting a captured loop");
}

}  // namespace odeon::cuda
