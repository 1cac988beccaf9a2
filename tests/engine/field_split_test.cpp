// Tables of odeon.field.split/1 that break a rule.
#include <odeon/ext/split.h>

#include <odeon/sdk/graph_field.hpp>

#include "data/error.hpp"
#include "embed/application_field.hpp"
#include "experiment_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

odeon_field_split_api table = {};

const void* get_ext(odeon_field*, odeon_str id) {
  return to_view(id) == ODEON_EXT_FIELD_SPLIT ? &table : nullptr;
}

// y' = y, whose halves are two graphs like this one.
GraphField growth() {
  GraphBuilder g;
  g.mark_output(g.input(0, {ODEON_BATCH, 1}));
  GraphField field;
  field.state_shape = {1};
  field.graph = g.finish();
  return field;
}

odeon_status lower(odeon_field*, odeon_graph* implicit_half, odeon_graph* explicit_half) {
  static const GraphField field = growth();
  *implicit_half = *explicit_half = field.graph.view();
  static const int32_t nowhere = 5000;
  explicit_half->outputs = &nowhere;
  return ODEON_OK;
}

// What is said of a field with the table as it stands; empty: nothing.
std::string refusal() {
  static const odeon_field_api api = [] {
    odeon_field_api a = GraphFieldInstance::table();
    a.get_ext = get_ext;
    return a;
  }();
  host::LoadedComponent component = host::to_component("growth", growth());
  odeon_component descriptor = *component.descriptor;
  descriptor.vtable = &api;
  component.descriptor = &descriptor;
  try {
    const host::BoundOptions none;
    host::Field::create(component, &none.value(), {});
  } catch (const host::Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a table of halves that breaks a rule is refused with the rule") {
  table = {8, 0, lower};
  CHECK(refusal() == "field 'growth': the table odeon.field.split/1 is smaller than its first version");
  table = {sizeof table, 0, nullptr};
  CHECK(refusal() == "field 'growth': the table odeon.field.split/1 has no 'lower'");
  table = {sizeof table, 0, lower};
  CHECK(refusal().starts_with("field 'growth' (explicit half)"));
}
