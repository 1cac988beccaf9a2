// CUDA graphs of the stand-in: lists of launches and conditional nodes. Each node must come behind the last
// one of its graph, as in a chain.
#include <cuda_runtime.h>

#include <cstdio>
#include <cstdlib>
#include <list>
#include <map>
#include <memory>

struct FakeNode {
  std::function<void()> work;  // of a launch
  cudaConditionalNodeParams conditional{};
  std::unique_ptr<FakeGraph> body;
  cudaGraph_t body_pointer = nullptr;  // what phGraph_out points to
};
struct FakeGraph {
  std::list<FakeNode> nodes;
  void run();
};

namespace {

struct Condition {
  cudaGraph_t graph;
  unsigned value, first;
  bool has_node;
};
// By handle - 1. They stay until the process ends.
std::list<Condition>& conditions() {
  static auto* all = new std::list<Condition>;
  return *all;
}
[[noreturn]] void die(const char* why) {
  std::fprintf(stderr, "fake device: %s\n", why);
  std::abort();
}
Condition& condition(cudaGraphConditionalHandle handle) {
  auto& all = conditions();
  if (handle == 0 || handle > all.size()) die("a condition that was never created");
  return *std::next(all.begin(), static_cast<long>(handle) - 1);
}
std::map<cudaStream_t, cudaGraph_t>& capturing() {
  static auto* all = new std::map<cudaStream_t, cudaGraph_t>;
  return *all;
}
// A node may only be put behind the last one.
bool follows(const FakeGraph& graph, const cudaGraphNode_t* after, size_t count) {
  return count == (graph.nodes.empty() ? 0 : 1) && (count == 0 || *after == &graph.nodes.back());
}
constexpr int kMostTurns = 1000000;

}  // namespace

void FakeGraph::run() {
  for (FakeNode& node : nodes) {
    if (!node.body) {
      node.work();
      continue;
    }
    const bool loops = node.conditional.type == cudaGraphCondTypeWhile;
    for (int turn = 0; condition(node.conditional.handle).value != 0 && (loops || turn == 0); ++turn) {
      if (turn == kMostTurns) die("a captured loop does not end");
      node.body->run();
    }
  }
}

bool fake::captured(cudaStream_t stream, const std::function<void()>& work) {
  const auto found = capturing().find(stream);
  if (found == capturing().end()) return false;
  found->second->nodes.push_back({work, {}, nullptr, nullptr});
  return true;
}

// What a captured body may not hold, or would do at another time than the caller thinks.
void fake::not_captured(cudaStream_t stream, const char* what) {
  if (!capturing().contains(stream)) return;
  std::fprintf(stderr, "fake device: %s on a stream that is being captured\n", what);
  std::abort();
}

void fake::set_condition(unsigned long long handle, unsigned value) {
  if (!condition(handle).has_node) die("a kernel sets a condition that belongs to no node");
  condition(handle).value = value;
}

cudaError_t cudaDriverGetVersion(int* version) {
  const char* wanted = std::getenv("ODEON_FAKE_DRIVER");
  *version = wanted ? std::atoi(wanted) : 13000;
  return cudaSuccess;
}
cudaError_t cudaGraphCreate(cudaGraph_t* out, unsigned) {
  *out = new FakeGraph;
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphConditionalHandleCreate(cudaGraphConditionalHandle* out, cudaGraph_t graph,
                                             unsigned value, unsigned) {
  conditions().push_back({graph, value, value, false});
  *out = conditions().size();
  return cudaSuccess;
}
cudaError_t cudaGraphAddNode(cudaGraphNode_t* out, cudaGraph_t graph, const cudaGraphNode_t* after,
                             const cudaGraphEdgeData*, size_t count, cudaGraphNodeParams* parameters) {
  cudaConditionalNodeParams& p = parameters->conditional;
  if (!follows(*graph, after, count) || parameters->type != cudaGraphNodeTypeConditional || p.size != 1 ||
      condition(p.handle).graph != graph || condition(p.handle).has_node)
    return cudaErrorInvalidValue;
  condition(p.handle).has_node = true;
  graph->nodes.push_back({{}, p, std::make_unique<FakeGraph>(), nullptr});
  FakeNode& node = graph->nodes.back();
  node.body_pointer = node.body.get();
  p.phGraph_out = &node.body_pointer;
  *out = &node;
  return cudaSuccess;
}
cudaError_t cudaStreamBeginCaptureToGraph(cudaStream_t stream, cudaGraph_t graph,
                                          const cudaGraphNode_t* after, const cudaGraphEdgeData*,
                                          size_t count, cudaStreamCaptureMode) {
  if (!follows(*graph, after, count) || !capturing().emplace(stream, graph).second)
    return cudaErrorInvalidValue;
  return cudaSuccess;
}
cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, cudaStreamCaptureStatus*, unsigned long long*,
                                     cudaGraph_t* graph, const cudaGraphNode_t** nodes,
                                     const cudaGraphEdgeData**, size_t* count) {
  static thread_local cudaGraphNode_t last;
  *graph = capturing().at(stream);
  last = (*graph)->nodes.empty() ? nullptr : &(*graph)->nodes.back();
  *nodes = &last;
  *count = last ? 1 : 0;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = capturing().at(stream);
  capturing().erase(stream);
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* out, cudaGraph_t graph, unsigned long long) {
  *out = reinterpret_cast<cudaGraphExec_t>(graph);
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t) { return cudaSuccess; }
cudaError_t cudaGraphLaunch(cudaGraphExec_t ready, cudaStream_t stream) {
  fake::not_captured(stream, "a graph is started");
  for (Condition& c : conditions()) c.value = c.first;
  const bool before = fake::last_thread_first;
  fake::last_thread_first |= std::getenv("ODEON_FAKE_LAST_THREAD_FIRST") != nullptr;
  fake::with_memory([&] { reinterpret_cast<cudaGraph_t>(ready)->run(); });
  fake::last_thread_first = before;
  return cudaSuccess;
}
