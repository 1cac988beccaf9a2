// CUDA graphs of the stand-in: lists of launches and conditional nodes. Each node must come behind the last
// one of its graph, as in a chain. What CUDA leaves open is taken as badly as can be: whether a condition of
// a graph inside of another keeps its value from one turn of that graph to the next, or gets its first one
// again.
#include <cstdlib>
#include <list>
#include <map>
#include <memory>
#include <random>

#include "fake/stand_in.hpp"

struct FakeNode {
  std::function<void()> work;  // of a launch
  cudaConditionalNodeParams conditional{};
  std::unique_ptr<FakeGraph> body;
  cudaGraph_t body_pointer = nullptr;  // what phGraph_out points to
};
struct FakeGraph {
  std::list<FakeNode> nodes;
  bool owned = false;            // by a conditional node
  int capturing = 0, ready = 0;  // ready: how many were made of it that exist
  void run();
  void check() const;
};
struct FakeGraphExec {
  cudaGraph_t graph;
  int device;
  int pending = 0;  // launches that have not run
};

namespace {

struct Condition {
  cudaGraph_t graph;
  unsigned value, first;
  bool has_node = false;
  int64_t set_by = 0;  // the last grid that did
};
// By handle. They stay until the process ends.
std::list<Condition>& conditions() {
  static auto* all = new std::list<Condition>;
  return *all;
}
Condition& condition(cudaGraphConditionalHandle handle) {
  auto& all = conditions();
  if (handle >= all.size()) fake::die("a condition that was never created");
  return *std::next(all.begin(), static_cast<long>(handle));
}
thread_local int captures_here = 0;
std::map<cudaStream_t, cudaGraph_t>& capturing() {
  static auto* all = new std::map<cudaStream_t, cudaGraph_t>;
  return *all;
}
// A node may only be put behind the last one.
bool follows(const FakeGraph& graph, const cudaGraphNode_t* after, size_t count) {
  return count == (graph.nodes.empty() ? 0 : 1) && (count == 0 || *after == &graph.nodes.back());
}
constexpr int kMostTurns = 1000000;

void begin_turn(const FakeGraph& graph) {
  static auto* engine = new std::mt19937;
  for (Condition& c : conditions())
    if (c.graph == &graph && (*engine)() % 2 == 0) c.value = c.first;
}

}  // namespace

void FakeGraph::run() {
  for (FakeNode& node : nodes) {
    if (!node.body) {
      node.work();
      continue;
    }
    const bool loops = node.conditional.type == cudaGraphCondTypeWhile;
    for (int turn = 0; condition(node.conditional.handle).value != 0 && (loops || turn == 0); ++turn) {
      if (turn == kMostTurns) fake::die("a captured loop does not end");
      begin_turn(*node.body);
      node.body->run();
    }
  }
}

// Before it is made ready (CUDA Runtime API, cudaGraphConditionalHandleCreate).
void FakeGraph::check() const {
  for (const Condition& c : conditions())
    if (c.graph == this && !c.has_node) fake::die("a condition without a node");
  for (const FakeNode& node : nodes)
    if (node.body) node.body->check();
}

bool fake::captured(cudaStream_t stream, const std::function<void()>& work) {
  const auto found = capturing().find(stream);
  if (found == capturing().end()) return false;
  found->second->nodes.push_back({work, {}, nullptr, nullptr});
  return true;
}

void fake::forbid_in_capture(const char* call) {
  if (captures_here > 0) die(std::string(call) + " while the thread captures a stream");
}

void fake::set_condition(unsigned long long handle, unsigned value) {
  const std::lock_guard lock(everything());
  Condition& c = condition(handle);
  if (!c.has_node) die("a kernel sets a condition that belongs to no node");
  // Calls that may run at once have no defined result (cuda_device_runtime_api.h).
  if (c.set_by == grids_begun()) die("two threads of a launch set the same condition");
  c.set_by = grids_begun();
  c.value = value;
}

cudaError_t cudaDriverGetVersion(int* version) {
  const char* wanted = std::getenv("ODEON_FAKE_DRIVER");
  *version = wanted ? std::atoi(wanted) : 13000;
  return cudaSuccess;
}
cudaError_t cudaGraphCreate(cudaGraph_t* out, unsigned) {
  *out = new FakeGraph;
  fake::count("graphs", 1);
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  if (graph->owned) fake::die("the graph of a conditional node is destroyed apart from it");
  if (graph->capturing) fake::die("a graph is destroyed that a stream is being captured to");
  fake::count("graphs", -1);
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphConditionalHandleCreate(cudaGraphConditionalHandle* out, cudaGraph_t graph,
                                             unsigned value, unsigned) {
  if (std::getenv("ODEON_FAKE_NO_CONDITIONS")) return fake::failed(cudaErrorNotSupported);
  const std::lock_guard lock(fake::everything());
  conditions().push_back({graph, value, value});
  *out = conditions().size() - 1;  // the first one is 0
  return cudaSuccess;
}
cudaError_t cudaGraphAddNode(cudaGraphNode_t* out, cudaGraph_t graph, const cudaGraphNode_t* after,
                             const cudaGraphEdgeData*, size_t count, cudaGraphNodeParams* parameters) {
  const std::lock_guard lock(fake::everything());
  cudaConditionalNodeParams& p = parameters->conditional;
  if (graph->capturing) fake::die("a node is added to a graph that a stream is being captured to");
  if (!follows(*graph, after, count) || parameters->type != cudaGraphNodeTypeConditional || p.size != 1 ||
      condition(p.handle).graph != graph || condition(p.handle).has_node)
    return cudaErrorInvalidValue;
  condition(p.handle).has_node = true;
  graph->nodes.push_back({{}, p, std::make_unique<FakeGraph>(), nullptr});
  FakeNode& node = graph->nodes.back();
  node.body->owned = true;
  node.body_pointer = node.body.get();
  p.phGraph_out = &node.body_pointer;
  *out = &node;
  return cudaSuccess;
}
cudaError_t cudaStreamBeginCaptureToGraph(cudaStream_t stream, cudaGraph_t graph,
                                          const cudaGraphNode_t* after, const cudaGraphEdgeData*,
                                          size_t count, cudaStreamCaptureMode) {
  const std::lock_guard lock(fake::everything());
  fake::expect_here(fake::queue_of(stream).device, "a stream");
  if (!follows(*graph, after, count) || !capturing().emplace(stream, graph).second)
    return cudaErrorInvalidValue;
  ++graph->capturing;
  ++captures_here;
  return cudaSuccess;
}
cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, cudaStreamCaptureStatus*, unsigned long long*,
                                     cudaGraph_t* graph, const cudaGraphNode_t** nodes,
                                     const cudaGraphEdgeData**, size_t* count) {
  static thread_local cudaGraphNode_t last;
  const std::lock_guard lock(fake::everything());
  *graph = capturing().at(stream);
  last = (*graph)->nodes.empty() ? nullptr : &(*graph)->nodes.back();
  *nodes = &last;
  *count = last ? 1 : 0;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const std::lock_guard lock(fake::everything());
  *graph = capturing().at(stream);
  capturing().erase(stream);
  --(*graph)->capturing;
  --captures_here;
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* out, cudaGraph_t graph, unsigned long long) {
  fake::forbid_in_capture("cudaGraphInstantiate");
  const std::lock_guard lock(fake::everything());
  graph->check();
  if (graph->ready++ > 0) fake::die("a graph with conditional nodes is made ready twice");
  *out = new FakeGraphExec{graph, fake::current_device()};
  fake::count("graphs made ready", 1);
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t ready) {
  const std::lock_guard lock(fake::everything());
  if (ready->pending > 0) fake::die("a graph is destroyed that has still to run");
  --ready->graph->ready;
  fake::count("graphs made ready", -1);
  delete ready;
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t ready, cudaStream_t stream) {
  const std::lock_guard lock(fake::everything());
  fake::forbid_in_capture("cudaGraphLaunch");
  fake::expect_here(ready->device, "a graph");
  ++ready->pending;
  fake::enqueue(stream, [ready] {
    for (Condition& c : conditions()) c.value = c.first;
    fake::with_memory(ready->device, [&] { ready->graph->run(); });  // once for all that is in it
    --ready->pending;
  });
  return cudaSuccess;
}
