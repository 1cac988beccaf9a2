// A field: dy/dt = -k y with one trainable rate k.
//
// It lowers itself to a graph, so the host compiles it for every backend and derives all its derivative
// products. A field that cannot be a graph fills `eval`, and `vjp`, of odeon_field_api instead.
#include <odeon/sdk/graph_field.hpp>

namespace {

using namespace odeon;

constexpr odeon_option kSize =
    ranged(make_option(ODEON_OPTION_INT, str("size"), str("1"), str("Number of state variables.")), 1, 1e6);
constexpr odeon_option kRate =
    make_option(ODEON_OPTION_REAL, str("rate"), str("1.0"), str("k at the start of a training."));
constexpr const odeon_option* kOptions[] = {&kSize, &kRate};

GraphField make(const Options& options, const odeon_field_context&) {
  const int64_t n = options.integer("size");
  GraphBuilder g;
  GraphField field;
  field.state_shape = {n};
  field.slots.push_back({"k", {}, ODEON_INIT_CONSTANT, options.real("rate"), 0, {}});
  const Value y = g.input(0, {ODEON_BATCH, n});
  g.mark_output(g.neg(g.mul(y, g.parameter(0, {}))));
  field.graph = g.finish();
  return field;
}

constexpr odeon_field_api kApi = GraphFieldApi<make>::table();
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_FIELD, {str("my_decay"), str("dy/dt = -k y"), str("Exponential decay with a trainable rate.")},
    &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
