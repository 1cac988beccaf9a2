// A correct backend that compiles graphs, to the SDK's interpreter.
#pragma once
#include "loops.hpp"
//
#include <memory>
#include <odeon/sdk/graph_eval.hpp>
#include <variant>

struct odeon_plan {
  std::variant<odeon::Interpreter<float>, odeon::Interpreter<double>> interpreter;
  odeon_plan_args first{};  // of the first run; for a specimen
  bool ran = false;
};

namespace {

odeon_status compile(odeon_backend* backend, const odeon_graph* graph, int32_t dtype, int64_t batch,
                     odeon_plan** out) {
  return barrier(backend->host, [&] {
    *out = dtype == ODEON_F32 ? new odeon_plan{Interpreter<float>(*graph, batch)}
                              : new odeon_plan{Interpreter<double>(*graph, batch)};
  });
}

void interpret(odeon_plan* plan, const odeon_plan_args& args) {
  std::visit([&](auto& i) { i.run(args); }, plan->interpreter);
}

odeon_status run(odeon_plan* plan, odeon_queue*, const odeon_plan_args* args) {
  interpret(plan, *args);
  return ODEON_OK;
}

constexpr odeon_backend_graph_api graph_table() {
  odeon_backend_graph_api api{};
  api.struct_size = sizeof api;
  api.compile = compile;
  api.destroy = [](odeon_plan* plan) { delete plan; };
  api.run = run;
  api.workspace_bytes = [](const odeon_plan*) -> int64_t { return 0; };
  return api;
}

}  // namespace

// The argument changes the table: [](odeon_backend_graph_api& api) { … }.
#define SPECIMEN_INTERPRETING(...)                                        \
  namespace {                                                             \
  constexpr odeon_backend_graph_api kGraphApi = [] {                      \
    odeon_backend_graph_api api = graph_table();                          \
    (__VA_ARGS__)(api);                                                   \
    return api;                                                           \
  }();                                                                    \
  const void* get_ext(odeon_backend*, odeon_str id) {                     \
    return to_view(id) == ODEON_EXT_BACKEND_GRAPH ? &kGraphApi : nullptr; \
  }                                                                       \
  }                                                                       \
  SPECIMEN_BACKEND([](odeon_backend_api& api) { api.get_ext = get_ext; })
