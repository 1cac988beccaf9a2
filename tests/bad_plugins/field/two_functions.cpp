// A graph that is not the function of eval.
#include <odeon/sdk/graph_field.hpp>

#include "spring.hpp"

namespace {

using namespace odeon;

const GraphField& lowered() {
  static const GraphField field = [] {
    GraphBuilder g;
    const Value y = g.input(0, {ODEON_BATCH, 2}), k = g.parameter(0, {});
    g.mark_output(g.mul(k, y));
    GraphField f;
    f.graph = g.finish();
    return f;
  }();
  return field;
}

odeon_status lower(odeon_field*, odeon_graph* out) {
  *out = lowered().graph.view();
  return ODEON_OK;
}

constexpr odeon_field_api kFieldApi = [] {
  odeon_field_api api = specimen::FieldTable<specimen::Spring>::table();
  api.lower = lower;
  return api;
}();

}  // namespace

SPECIMEN_FIELD_TABLE(kFieldApi)
