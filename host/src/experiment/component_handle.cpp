#include "experiment/component_handle.hpp"

#include "data/nearest.hpp"
#include "engine/solver_options.hpp"
#include "loader/kinds.hpp"
#include "loader/registry.hpp"

namespace odeon::host {

ComponentChoice bind_component(int32_t kind, const ConfigNode& node, const Registry& registry,
                               std::vector<std::string> also) {
  const std::string name = kind_name(kind);
  const ConfigNode* plugin = node.kind == ConfigNode::Kind::map ? node.find("plugin") : &node;
  if (!plugin || plugin->kind != ConfigNode::Kind::scalar)
    bad(plugin ? *plugin : node, "'" + name +
                                     "' must be the id of a component or a map with 'plugin: id'; found " +
                                     describe(plugin ? *plugin : node) + (plugin ? "" : " without 'plugin'") +
                                     ". Installed: " + joined(registry.ids(kind)) + ".");
  ComponentChoice choice;
  choice.component = &registry.require(kind, plugin->text, plugin->where);
  choice.registry = &registry;
  Schema schema;
  if (kind == ODEON_KIND_SOLVER) {
    const auto engine = solver_option_schema();
    schema.assign(engine.begin(), engine.end());
  }
  const odeon_component& c = *choice.component->descriptor;
  schema.insert(schema.end(), c.options, c.options + c.n_options);
  also.push_back("plugin");
  ConfigNode none;
  none.where = node.where;
  choice.options = bind_options(schema, node.kind == ConfigNode::Kind::map ? node : none,
                                {&registry, name + " '" + choice.component->id + "'", std::move(also)});
  return choice;
}

}  // namespace odeon::host
