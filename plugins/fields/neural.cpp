// The field `neural`: a network of layers as the right-hand side. Chen et al., Neural Ordinary
// Differential Equations, NeurIPS 2018.
#include <odeon/sdk/layers/network.hpp>

namespace {

using namespace odeon;

constexpr odeon_str kTimes[] = {str("none"), str("concat")};
constexpr odeon_option kNetwork = layers::network_option(str("network"));
constexpr odeon_option kTime = with_choices(
    make_option(ODEON_OPTION_CHOICE, str("time"), str("none"),
                str("concat: t is appended as the first input channel of every linear and conv2d.")),
    kTimes);
constexpr const odeon_option* kOptions[] = {&kNetwork, &kTime};

GraphField make(const Options& options, const odeon_field_context& context) {
  const odeon_value& network = options.at("network");
  if (network.size == 0)
    throw Error("'network' has no layer; list at least one", ODEON_E_INVALID, network.mark);
  if (context.state_rank < 1)
    throw Error(
        "field 'neural' must know the shape of the state: that of a row of 'initial' in a configuration, "
        "'state_shape' in a program",
        ODEON_E_INVALID, network.mark);
  GraphField field;
  field.state_shape.assign(context.state_shape, context.state_shape + context.state_rank);
  Shape shape = field.state_shape;
  shape.insert(shape.begin(), ODEON_BATCH);
  GraphBuilder g;
  int64_t offset = 0;
  const Value y = g.input(0, shape);
  const Value t = options.text("time") == "concat" ? g.time() : Value{};
  const Value dy = layers::Network(g, field.slots, offset, t).append(network, y);
  if (g.shape(dy) != shape)
    throw Error("the network ends with " + to_string(g.shape(dy)) +
                    ", but dy/dt must have the shape of the state, " + to_string(shape) +
                    "; change the last layer",
                ODEON_E_INVALID, network.mark);
  g.mark_output(dy);
  field.graph = g.finish();
  return field;
}

constexpr odeon_field_api kApi = GraphFieldApi<make>::table();
constexpr odeon_component kComponent =
    make_component(ODEON_KIND_FIELD,
                   {str("neural"), str("A network of layers"),
                    str("dy/dt is a list of PyTorch-named layers; weights load from safetensors by the names "
                        "of torch.nn.Sequential.")},
                   &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
