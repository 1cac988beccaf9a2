#include "joint/captured.hpp"

#include "device.hpp"

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

}  // namespace

bool can_capture_loops() {
  int driver = 0;
  return cudaDriverGetVersion(&driver) == cudaSuccess && driver >= 12040;
}

unsigned long long CapturedLoop::handle_in(cudaGraph_t graph) const {
  cudaGraphConditionalHandle handle = 0;
  check_runtime(cudaGraphConditionalHandleCreate(&handle, graph, 0, cudaGraphCondAssignDefault),
                "creating a condition");
  return handle;
}

cudaGraphNode_t CapturedLoop::add(cudaGraph_t graph, cudaGraphNode_t after, const Body& body) const {
  check_runtime(cudaStreamBeginCaptureToGraph(stream_, graph, &after, nullptr, after ? 1 : 0,
                                              cudaStreamCaptureModeThreadLocal),
                "capturing a loop");
  cudaGraph_t captured = nullptr;
  cudaGraphNode_t last = nullptr;
  try {
    body();
    last = last_captured(stream_);
  } catch (...) {
    cudaStreamEndCapture(stream_, &captured);
    throw;
  }
  check_runtime(cudaStreamEndCapture(stream_, &captured), "capturing a loop");
  return last;
}

cudaGraphNode_t CapturedLoop::add_conditional(cudaGraph_t graph, cudaGraphNode_t after,
                                              unsigned long long handle, bool loops,
                                              cudaGraph_t* body) const {
  cudaGraphNodeParams parameters{};
  parameters.type = cudaGraphNodeTypeConditional;
  parameters.conditional.handle = handle;
  parameters.conditional.type = loops ? cudaGraphCondTypeWhile : cudaGraphCondTypeIf;
  parameters.conditional.size = 1;
  cudaGraphNode_t node = nullptr;
  check_runtime(add_node(&node, graph, after, &parameters), "adding a conditional node");
  *body = parameters.conditional.phGraph_out[0];
  return node;
}

void CapturedLoop::add_beginning(const Work& work, unsigned long long running) {
  const unsigned long long none[kConditions] = {}, decides[kConditions] = {running};
  last_ = add(graph_, nullptr, [&] {
    work.phase(Phase::begin, 0, decides);
    work.phase(Phase::put_first, 0, none);
    work.field(0);
    if (!work.estimates_first_step) return;
    work.phase(Phase::norm, kNormState, none);
    work.phase(Phase::norm, kNormSlope, none);
    work.phase(Phase::first, 0, none);
    work.phase(Phase::combine, 0, none);
    work.field(work.stages + 1);
    work.phase(Phase::norm, kNormChange, none);
    work.phase(Phase::second, 0, decides);
  });
}

// Each condition is set in front of its node in the same turn: whether one of a graph inside of another keeps its value
// until the next turn, or gets its first value again, is not documented.
void CapturedLoop::add_trial(const Work& work, cudaGraph_t trial, unsigned long long running) {
  const unsigned long long none[kConditions] = {},
                           decides[kConditions] = {running, handle_in(trial), handle_in(trial),
                                                   handle_in(trial)};
  cudaGraphNode_t last = nullptr;
  const auto where = [&](int condition, const Body& body) {
    cudaGraph_t inside = nullptr;
    last = add_conditional(trial, last, decides[condition], false, &inside);
    add(inside, nullptr, body);
  };
  last = add(trial, last, [&] {
    for (int i = 1; i < work.stages + (work.fsal ? 0 : 1); ++i) {
      work.phase(Phase::combine, i, none);
      if (i < work.stages) work.field(i);
    }
    work.phase(Phase::norm, kNormError, none);
    work.phase(Phase::judge, 0, decides);
  });
  where(2, [&] {
    work.phase(Phase::norm, kNormArguments, none);
    work.phase(Phase::norm, kNormSlopes, none);
    work.phase(Phase::look, 0, decides);
  });
  where(3, [&] {
    work.field(work.stages);
    work.phase(Phase::count_end, 0, none);
  });
  last = add(trial, last, [&] {
    work.phase(Phase::observe, 0, none);
    work.phase(Phase::move_on, 0, none);
    work.phase(Phase::step_on, 0, decides);
  });
  where(1, [&] { work.field(0); });  // of the next trial
}

CapturedLoop::CapturedLoop(cudaStream_t stream, const Work& work) : stream_(stream) {
  check_runtime(cudaGraphCreate(&graph_, 0), "creating a CUDA graph");
  try {
    const unsigned long long running = handle_in(graph_);
    add_beginning(work, running);
    cudaGraph_t trial = nullptr;
    last_ = add_conditional(graph_, last_, running, true, &trial);
    add_trial(work, trial, running);
    const unsigned long long none[kConditions] = {};
    add(graph_, last_, [&] {
      work.phase(Phase::result, 0, none);
      work.phase(Phase::put_end, 0, none);
    });
    check_runtime(cudaGraphInstantiate(&ready_, graph_, 0), "making a captured loop ready");
  } catch (...) {
    cudaGraphDestroy(graph_);
    throw;
  }
}

CapturedLoop::~CapturedLoop() {
  cudaGraphExecDestroy(ready_);
  cudaGraphDestroy(graph_);
}

void CapturedLoop::launch(cudaStream_t stream) const {
  check_runtime(cudaGraphLaunch(ready_, stream), "starting a captured loop");
}

}  // namespace odeon::cuda
