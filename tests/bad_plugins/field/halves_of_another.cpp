// Two halves whose sum is not the field.
#include <odeon/sdk/graph_field.hpp>

#include "spring.hpp"

namespace {

using namespace odeon;

const Graph& half() {
  static const Graph graph = [] {
    GraphBuilder g;
    g.mark_output(g.mul(g.parameter(0, {}), g.input(0, {ODEON_BATCH, 2})));
    return g.finish();
  }();
  return graph;
}

odeon_status lower(odeon_field*, odeon_graph* implicit_half, odeon_graph* explicit_half) {
  *implicit_half = *explicit_half = half().view();
  return ODEON_OK;
}
constexpr odeon_field_split_api kSplit{sizeof(odeon_field_split_api), 0, lower};

const void* get_ext(odeon_field*, odeon_str id) {
  return to_view(id) == ODEON_EXT_FIELD_SPLIT ? &kSplit : nullptr;
}

constexpr odeon_field_api kFieldApi = [] {
  odeon_field_api api = specimen::FieldTable<specimen::Spring>::table();
  api.get_ext = get_ext;
  return api;
}();

}  // namespace

SPECIMEN_FIELD_TABLE(kFieldApi)
