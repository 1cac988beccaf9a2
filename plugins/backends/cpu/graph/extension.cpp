// odeon.backend.graph/1: compiled plans.
#include <odeon/sdk/graph_shapes.hpp>

#include "graph/plan.hpp"

struct odeon_plan {
  const odeon_host* host;
  std::unique_ptr<odeon::cpu::PlanBase> plan;
};

namespace odeon::cpu {
namespace {

odeon_status compile(odeon_backend* backend, const odeon_graph* graph, int32_t dtype, int64_t batch,
                     odeon_plan** out) {
  return barrier(backend->host, [&] {
    validate(*graph);
    if (batch < 0) throw Error("a batch of " + std::to_string(batch) + " rows");
    std::unique_ptr<PlanBase> plan;
    if (dtype == ODEON_F64)
      plan = std::make_unique<Plan<double>>(*backend, *graph, batch);
    else if (dtype == ODEON_F32)
      plan = std::make_unique<Plan<float>>(*backend, *graph, batch);
    else
      throw Error("graphs are compiled for f32 and f64; got dtype code " + std::to_string(dtype));
    *out = new odeon_plan{backend->host, std::move(plan)};
  });
}

void destroy_plan(odeon_plan* plan) { delete plan; }

odeon_status run(odeon_plan* plan, odeon_queue*, const odeon_plan_args* args) {
  return barrier(plan->host, [&] { plan->plan->run(*args); });
}

int64_t workspace_bytes(const odeon_plan* plan) { return plan->plan->bytes(); }

constexpr odeon_backend_graph_api kGraphApi{
    sizeof(odeon_backend_graph_api), 0, compile, destroy_plan, run, workspace_bytes};

}  // namespace

const void* get_ext(odeon_backend*, odeon_str id) {
  return to_view(id) == ODEON_EXT_BACKEND_GRAPH ? &kGraphApi : nullptr;
}

}  // namespace odeon::cpu
