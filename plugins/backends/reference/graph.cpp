// odeon.backend.graph/1 by interpretation: the SDK's interpreter is the definition of every op.
#include <odeon/ext/graph.h>

#include <odeon/sdk/graph_eval.hpp>
#include <odeon/sdk/graph_shapes.hpp>
#include <variant>

#include "backend.hpp"

struct odeon_plan {
  const odeon_host* host;
  std::variant<odeon::Interpreter<float>, odeon::Interpreter<double>> interpreter;
};

namespace odeon::reference {
namespace {

odeon_status compile(odeon_backend* backend, const odeon_graph* graph, int32_t dtype, int64_t batch,
                     odeon_plan** out) {
  return barrier(backend->host, [&] {
    validate(*graph);
    if (dtype == ODEON_F64)
      *out = new odeon_plan{backend->host, Interpreter<double>(*graph, batch)};
    else if (dtype == ODEON_F32)
      *out = new odeon_plan{backend->host, Interpreter<float>(*graph, batch)};
    else
      throw Error("graphs are compiled for f32 and f64; got dtype code " + std::to_string(dtype));
  });
}

void destroy_plan(odeon_plan* plan) { delete plan; }

odeon_status run(odeon_plan* plan, odeon_queue*, const odeon_plan_args* args) {
  return barrier(plan->host,
                 [&] { std::visit([&](auto& interpreter) { interpreter.run(*args); }, plan->interpreter); });
}

int64_t workspace_bytes(const odeon_plan* plan) {
  return std::visit([](const auto& interpreter) { return interpreter.bytes(); }, plan->interpreter);
}

constexpr odeon_backend_graph_api kGraphApi{
    sizeof(odeon_backend_graph_api), 0, compile, destroy_plan, run, workspace_bytes};

}  // namespace

const void* get_ext(odeon_backend*, odeon_str id) {
  return to_view(id) == ODEON_EXT_BACKEND_GRAPH ? &kGraphApi : nullptr;
}

}  // namespace odeon::reference
