// odeon.backend.graph/1: graphs as kernels that NVRTC compiles.
#include <odeon/ext/graph.h>

#include <odeon/sdk/graph_shapes.hpp>
#include <odeon/sdk/tensor.hpp>

#include "backend.hpp"
#include "graph/kernels.hpp"

struct odeon_plan {
  odeon_plan(odeon_backend& owner, const odeon_graph& graph, int32_t dtype, int64_t batch)
      : backend(owner),
        generated(odeon::cuda::generate(graph, dtype, {batch, owner.precision, {}})),
        run(generated, dtype, batch),
        module(odeon::cuda::load_kernels(owner, generated, dtype, batch)),
        arena(owner.memory.allocate(run.arena_bytes())) {}
  ~odeon_plan() { backend.memory.release(arena); }
  odeon_plan(const odeon_plan&) = delete;
  odeon_plan& operator=(const odeon_plan&) = delete;

  odeon_backend& backend;
  odeon::cuda::GeneratedGraph generated;
  odeon::cuda::GraphRun run;
  std::shared_ptr<const odeon::cuda::Module> module;
  void* arena;
};

namespace odeon::cuda {
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
    plan->run.run(*args, plan->arena, launch_on(queue->stream, *plan->module, plan->generated));
  });
}

int64_t workspace_bytes(const odeon_plan* plan) { return plan->run.arena_bytes(); }

}  // namespace

const odeon_backend_graph_api kGraphApi{
    sizeof(odeon_backend_graph_api), 0, compile, destroy_plan, run, workspace_bytes};

}  // namespace odeon::cuda
