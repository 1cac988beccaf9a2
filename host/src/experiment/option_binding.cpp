#include "experiment/option_binding.hpp"

#include <algorithm>
#include <odeon/sdk/error.hpp>

#include "data/error.hpp"
#include "data/nearest.hpp"
#include "experiment/option_values.hpp"
#include "loader/kinds.hpp"

namespace odeon::host {

using Json = nlohmann::ordered_json;

namespace {

std::vector<std::string> option_keys(const odeon_option* const* options, int64_t count) {
  std::vector<std::string> out;
  for (int64_t i = 0; i < count; ++i) out.emplace_back(to_view(options[i]->key));
  return out;
}

}  // namespace

// Fills one store; the recursion follows the schema.
class Binder {
 public:
  explicit Binder(const BindContext& context) : context_(context), store_(*options_.store_) {}

  BoundOptions bind(const Schema& schema, const ConfigNode& map) {
    store_.root = bind_map(schema, map, context_.owner, store_.resolved, context_.also);
    return options_;
  }

 private:
  odeon_value bind_map(const Schema& schema, const ConfigNode& map, const std::string& owner, Json& out,
                       const std::vector<std::string>& also) {
    const std::vector<std::string> known = option_keys(schema.data(), static_cast<int64_t>(schema.size()));
    if (map.kind != ConfigNode::Kind::map && !map.is_null())
      bad(map, owner + " must be a map of options" + (known.empty() ? "" : " (" + joined(known) + ")") +
                   "; found " + describe(map));
    for (const auto& [key, value] : map.entries) {
      if (std::find(also.begin(), also.end(), key) != also.end()) continue;
      if (std::find(known.begin(), known.end(), key) == known.end())
        throw ConfigError(value.key_where + ": " + owner + " has no option '" + key + "'" +
                          did_you_mean(key, known) +
                          (known.empty() ? " It has none." : " Options: " + joined(known) + "."));
    }
    std::vector<odeon_value> children;
    std::vector<odeon_str> keys;
    for (const odeon_option* option : schema) {
      const std::string key(to_view(option->key)), what = owner + " option '" + key + "'";
      const ConfigNode* given = map.find(key);
      ConfigNode fallback;
      if (!given && option->default_yaml.data) {
        fallback = parse_config(std::string(to_view(option->default_yaml)) + "\n", "default of " + what, ".");
        given = &fallback;
      }
      keys.push_back(option->key);
      if (!given || given->is_null()) {
        if (given && map.find(key)) bad(*given, what + " has no value; give one, or remove the key");
        if (option->flags & ODEON_OPTION_REQUIRED)
          bad(map, owner + " needs '" + key + "'; add it. " + std::string(to_view(option->doc)));
        children.push_back(start_value(ODEON_VALUE_NULL, map));
        continue;
      }
      children.push_back(bind_value(*option, *given, what, out[key]));
    }
    return store_.with_children(start_value(ODEON_VALUE_MAP, map), std::move(children), std::move(keys));
  }

  odeon_value bind_value(const odeon_option& o, const ConfigNode& node, const std::string& what, Json& out) {
    switch (o.type) {
      case ODEON_OPTION_COMPONENT:
        return bind_choice(o, node, what, out);
      case ODEON_OPTION_VARIANTS:
        return bind_variants(o, node, what, out);
      case ODEON_OPTION_GROUP:
        return bind_group(o, node, what, out);
      default:
        return plain_value(store_, o, node, what, out);
    }
  }

  odeon_value bind_choice(const odeon_option& o, const ConfigNode& node, const std::string& what, Json& out) {
    odeon_value v = start_value(ODEON_VALUE_COMPONENT, node);
    if (!context_.registry) bad(node, what + " cannot be used here");
    v.handle = &store_.components.emplace_back(
        bind_component(kind_of(to_view(o.choices[0])), node, *context_.registry));
    out = store_.components.back().options.resolved();
    return v;
  }

  odeon_value bind_group(const odeon_option& o, const ConfigNode& node, const std::string& what, Json& out) {
    out = Json::object();
    const Schema children(o.children, o.children + o.n_children);
    const bool scalar = node.kind == ConfigNode::Kind::scalar;
    if (scalar || node.kind == ConfigNode::Kind::list) {  // the child that a bare value stands for
      for (const odeon_option* child : children)
        if ((child->flags & ODEON_OPTION_SHORTHAND) && (scalar || child->type == ODEON_OPTION_VARIANTS)) {
          ConfigNode map;
          map.kind = ConfigNode::Kind::map;
          map.where = node.where;
          map.folder = node.folder;
          map.entries.push_back({std::string(to_view(child->key)), node});
          return bind_map(children, map, what, out, {});
        }
      if (children.empty()) bad(node, what + " takes no value; found " + describe(node));
    }
    return bind_map(children, node, what, out, {});
  }

  odeon_value bind_variants(const odeon_option& o, const ConfigNode& node, const std::string& what,
                            Json& out) {
    if (node.kind != ConfigNode::Kind::list) bad(node, what + " must be a list; found " + describe(node));
    out = Json::array();
    const std::vector<std::string> known = option_keys(o.children, o.n_children);
    std::vector<odeon_value> entries;
    for (const ConfigNode& item : node.items) {
      const bool bare = item.kind == ConfigNode::Kind::scalar;
      if (!bare && (item.kind != ConfigNode::Kind::map || item.entries.size() != 1))
        bad(item, "an entry of " + what + " must be a name, or one `name: value`; found " + describe(item));
      const std::string& name = bare ? item.text : item.entries[0].first;
      const auto at = std::find(known.begin(), known.end(), name);
      if (at == known.end())
        bad(item,
            what + " knows no '" + name + "'" + did_you_mean(name, known) + " Known: " + joined(known) + ".");
      const odeon_option& child = *o.children[at - known.begin()];
      Json& entry = out.emplace_back(Json::object());
      ConfigNode nothing;
      nothing.where = item.where;
      odeon_value value = start_value(ODEON_VALUE_NULL, item);
      if (!bare || child.type == ODEON_OPTION_GROUP)
        value = bind_value(child, bare ? nothing : item.entries[0].second, "'" + name + "'", entry[name]);
      else
        entry[name] = nullptr;
      entries.push_back(store_.with_children(start_value(ODEON_VALUE_MAP, item), {value}, {child.key}));
    }
    return store_.with_children(start_value(ODEON_VALUE_LIST, node), std::move(entries));
  }

  const BindContext& context_;
  BoundOptions options_;
  BoundOptions::Store& store_;
};

BoundOptions bind_options(const Schema& schema, const ConfigNode& map, const BindContext& context) {
  return Binder(context).bind(schema, map);
}

}  // namespace odeon::host
