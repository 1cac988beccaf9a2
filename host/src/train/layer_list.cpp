#include "train/layer_list.hpp"

#include <odeon/sdk/layers/network.hpp>

#include "data/error.hpp"
#include "experiment/option_binding.hpp"
#include "loader/marks.hpp"

namespace odeon::host {
namespace {

// One list entry as a checked layer.
BoundOptions bind_layer(const ConfigNode& item, const Registry& registry, const odeon_option& layers) {
  ConfigNode map, list;
  map.kind = ConfigNode::Kind::map;
  map.where = list.where = item.where;
  list.kind = ConfigNode::Kind::list;
  list.items.push_back(item);
  map.entries.push_back({std::string(to_view(layers.key)), list});
  return bind_options({&layers}, map, {&registry, "task train", {}});
}

}  // namespace

Value append_layer(const ConfigNode& item, const Registry& registry, GraphBuilder& graph,
                   Parameters& parameters, Value x, const odeon_option& list, const std::string& place) {
  const BoundOptions layer = bind_layer(item, registry, list);
  try {
    return layers::Network(graph, parameters.slots, parameters.count)
        .append_layer(layer.value().children[0].children[0], x, place);
  } catch (const odeon::Error& e) {
    throw ConfigError((e.mark() ? mark_text(e.mark()) : item.where) + ": " + e.what());
  }
}

}  // namespace odeon::host
