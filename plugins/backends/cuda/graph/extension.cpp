// odeon.backend.graph/1: graphs as kernels that NVRTC compiles.
#include <odeon/ext/graph.h>

#include <odeon/sdk/graph_shapes.hpp>
#include <odeon/sdk/tensor.hpp>

#include "backend.hpp"
#include "graph/run.hpp"
#include "launch.hpp"

struct odeon_plan {
  odeon_plan(odeon_backend& owner, const odeon_graph& graph, int32_t dtype, int64_t batch)
      : backend(owner),
        generated(odeon::cuda::generate(graph, dtype, {batch, owner.precision, {}})),
        run(generated, dtype, batch) {
    std::vector<std::string> names;
    for (const odeon::cuda::GeneratedKernel& k : generated.kernels) names.push_back(k.name);
    module = backend.modules.get(generated.source, names);
    arena = backend.memory.allocate(run.arena_bytes());
    odeon::cuda::tell_cost(owner, generated, batch, dtype);
  }
  ~odeon_plan() { backend.memory.release(arena); }
  odeon_plan(const odeon_plan&) = delete;
  odeon_plan& operator=(const odeon_plan&) = delete;

  odeon_backend& backend;
  odeon::cuda::GeneratedGraph generated;
  odeon::cuda::GraphRun run;
  std::shared_ptr<const odeon::cuda::Module> module;
  void* arena = nullptr;
};

namespace odeon::cuda {

void tell_cost(const odeon_backend& backend, const GeneratedGraph& graph, int64_t batch, int32_t dtype) {
  const std::string text = "backend 'cuda': a graph of " + describe(graph, batch, dtype_bytes(dtype));
  backend.host->log(backend.host, ODEON_LOG_DEBUG, to_str(text));
}

namespace {

odeon_status compile(odeon_backend* backend, const odeon_graph* graph, int32_t dtype, int64_t batch,
                     odeon_plan** out) {
  return barrier(backend->host, [&] {
    validate(*graph);
    use(*backend);
    *out = new odeon_plan(*backend, *graph, dtype, batch);
  });
}

void destroy_plan(odeon_plan* plan) {
  barrier(plan->backend.host, [&] {
    use(plan->backend);
    delete plan;
  });
}

odeon_status run(odeon_plan* plan, odeon_queue* queue, const odeon_plan_args* args) {
  return barrier(plan->backend.host, [&] {
    use(plan->backend);
    plan->run.run(*args, plan->arena, [&](size_t kernel, unsigned blocks, const KernelArgs& a) {
      plan->module->launch(kernel, blocks, plan->generated.kernels[kernel].threads(), queue->stream, &a);
    });
  });
}

int64_t workspace_bytes(const odeon_plan* plan) { return plan->run.arena_bytes(); }

}  // namespace

const odeon_backend_graph_api kGraphApi{
    sizeof(odeon_backend_graph_api), 0, compile, destroy_plan, run, workspace_bytes};

}  // namespace odeon::cuda
