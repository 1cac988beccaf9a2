#include "experiment/option_binding.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <odeon/sdk/error.hpp>

#include "data/error.hpp"
#include "data/nearest.hpp"
#include "data/number_text.hpp"
#include "engine/solver_options.hpp"
#include "experiment/component_handle.hpp"
#include "experiment/literals.hpp"
#include "loader/kinds.hpp"
#include "loader/marks.hpp"
#include "loader/registry.hpp"

namespace odeon::host {

using Json = nlohmann::ordered_json;

// Deques keep addresses while they grow.
struct BoundOptions::Store {
  odeon_value root{};
  Json resolved = Json::object();
  std::deque<std::string> texts;
  std::deque<std::vector<odeon_value>> children;
  std::deque<std::vector<odeon_str>> keys;
  std::deque<Array> arrays;
  std::deque<odeon_tensor> tensors;
  std::deque<odeon_component_handle> components;
};

BoundOptions::BoundOptions() : store_(std::make_shared<Store>()) { store_->root.type = ODEON_VALUE_MAP; }
const odeon_value& BoundOptions::value() const { return store_->root; }
const Json& BoundOptions::resolved() const { return store_->resolved; }

namespace {

[[noreturn]] void bad(const ConfigNode& node, const std::string& message) {
  throw ConfigError(node.where + ": " + message);
}

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
  using Store = BoundOptions::Store;

  odeon_value start(int32_t type, const ConfigNode& node) {
    odeon_value v{};
    v.type = type;
    v.mark = node.where.empty() ? 0 : add_mark(node.where);
    return v;
  }
  odeon_str keep(std::string text) { return to_str(store_.texts.emplace_back(std::move(text))); }

  odeon_value with_children(odeon_value v, std::vector<odeon_value> children,
                            std::vector<odeon_str> keys = {}) {
    const auto& kept = store_.children.emplace_back(std::move(children));
    v.size = static_cast<int64_t>(kept.size());
    v.children = kept.data();
    v.keys = store_.keys.emplace_back(std::move(keys)).data();
    return v;
  }

  odeon_value bind_map(const Schema& schema, const ConfigNode& map, const std::string& owner, Json& out,
                       const std::vector<std::string>& also) {
    if (map.kind != ConfigNode::Kind::map && !map.is_null())
      bad(map, owner + " must be a map of options; found " + describe(map));
    std::vector<std::string> known = option_keys(schema.data(), static_cast<int64_t>(schema.size()));
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
        children.push_back(start(ODEON_VALUE_NULL, map));
        continue;
      }
      children.push_back(bind_value(*option, *given, what, out[key]));
    }
    return with_children(start(ODEON_VALUE_MAP, map), std::move(children), std::move(keys));
  }

  double in_range(const odeon_option& o, const ConfigNode& node, const std::string& what, double x) {
    const bool low = (o.flags & ODEON_OPTION_MIN_EXCLUSIVE) ? x <= o.minimum : x < o.minimum;
    const bool high = (o.flags & ODEON_OPTION_MAX_EXCLUSIVE) ? x >= o.maximum : x > o.maximum;
    if (low)
      bad(node, what + " must be " + ((o.flags & ODEON_OPTION_MIN_EXCLUSIVE) ? "> " : ">= ") +
                    number_text(o.minimum) + "; found " + node.text);
    if (high && !(std::isinf(x) && o.maximum == ODEON_UNBOUNDED_ABOVE))
      bad(node, what + " must be " + ((o.flags & ODEON_OPTION_MAX_EXCLUSIVE) ? "< " : "<= ") +
                    number_text(o.maximum) + "; found " + node.text);
    return x;
  }

  odeon_value real_value(const odeon_option& o, const ConfigNode& node, const std::string& what, Json& out) {
    odeon_value v = start(ODEON_VALUE_REAL, node);
    v.real = in_range(o, node, what, read_real(node, what));
    out = std::isfinite(v.real) ? Json(v.real) : Json(node.text);
    return v;
  }

  odeon_value text_value(const ConfigNode& node, const std::string& what, Json& out) {
    odeon_value v = start(ODEON_VALUE_STRING, node);
    v.string = keep(read_text(node, what));
    out = node.text;
    return v;
  }

  odeon_value bind_value(const odeon_option& o, const ConfigNode& node, const std::string& what, Json& out) {
    switch (o.type) {
      case ODEON_OPTION_BOOL: {
        odeon_value v = start(ODEON_VALUE_BOOL, node);
        v.integer = read_boolean(node, what);
        out = v.integer != 0;
        return v;
      }
      case ODEON_OPTION_INT: {
        odeon_value v = start(ODEON_VALUE_INT, node);
        v.integer = read_integer(node, what);
        v.real = in_range(o, node, what, static_cast<double>(v.integer));
        out = v.integer;
        return v;
      }
      case ODEON_OPTION_REAL:
        return real_value(o, node, what, out);
      case ODEON_OPTION_STRING:
        return text_value(node, what, out);
      case ODEON_OPTION_CHOICE: {
        odeon_value v = text_value(node, what, out);
        std::vector<std::string> choices;
        for (int64_t i = 0; i < o.n_choices; ++i) choices.emplace_back(to_view(o.choices[i]));
        if (std::find(choices.begin(), choices.end(), node.text) == choices.end())
          bad(node, what + " must be one of " + joined(choices) + "; found " + describe(node) +
                        did_you_mean(node.text, choices));
        return v;
      }
      case ODEON_OPTION_REALS:
        return bind_reals(o, node, what, out);
      case ODEON_OPTION_STRINGS: {
        if (node.kind != ConfigNode::Kind::list)
          bad(node, what + " must be a list of words; found " + describe(node));
        std::vector<odeon_value> children;
        for (const ConfigNode& item : node.items)
          children.push_back(text_value(item, what, out.emplace_back()));
        return with_children(start(ODEON_VALUE_LIST, node), std::move(children));
      }
      case ODEON_OPTION_REAL_MAP:
      case ODEON_OPTION_STRING_MAP: {
        if (node.kind != ConfigNode::Kind::map)
          bad(node, what + " must be a map of name: value; found " + describe(node));
        std::vector<odeon_value> children;
        std::vector<odeon_str> keys;
        for (const auto& [key, value] : node.entries) {
          const std::string entry = what + " entry '" + key + "'";
          children.push_back(o.type == ODEON_OPTION_REAL_MAP ? real_value(o, value, entry, out[key])
                                                             : text_value(value, entry, out[key]));
          keys.push_back(keep(key));
        }
        return with_children(start(ODEON_VALUE_MAP, node), std::move(children), std::move(keys));
      }
      case ODEON_OPTION_ARRAY: {
        odeon_value v = start(ODEON_VALUE_ARRAY, node);
        Array& array = store_.arrays.emplace_back(read_array(node, what));
        v.handle = &store_.tensors.emplace_back(array.view());
        out = {{"shape", array.shape}};
        return v;
      }
      case ODEON_OPTION_COMPONENT: {
        odeon_value v = start(ODEON_VALUE_COMPONENT, node);
        if (!context_.registry) bad(node, what + " cannot be used here");
        v.handle = &store_.components.emplace_back(
            bind_component(kind_of(to_view(o.choices[0])), node, *context_.registry));
        out = store_.components.back().options.resolved();
        return v;
      }
      case ODEON_OPTION_VARIANTS:
        return bind_variants(o, node, what, out);
      case ODEON_OPTION_GROUP:
        return bind_group(o, node, what, out);
      default:
        return bind_tree(node, out);
    }
  }

  odeon_value bind_reals(const odeon_option& o, const ConfigNode& node, const std::string& what, Json& out) {
    std::vector<odeon_value> children;
    if (node.kind == ConfigNode::Kind::list)
      for (const ConfigNode& item : node.items)
        children.push_back(real_value(o, item, what, out.emplace_back()));
    else
      children.push_back(real_value(o, node, what, out));
    if (children.empty()) bad(node, what + " must be a number or a list of numbers; found an empty list");
    return with_children(start(ODEON_VALUE_LIST, node), std::move(children));
  }

  odeon_value bind_group(const odeon_option& o, const ConfigNode& node, const std::string& what, Json& out) {
    out = Json::object();
    const Schema children(o.children, o.children + o.n_children);
    if (node.kind == ConfigNode::Kind::scalar) {  // the child that a bare value stands for
      for (const odeon_option* child : children)
        if (child->flags & ODEON_OPTION_SHORTHAND) {
          ConfigNode map;
          map.kind = ConfigNode::Kind::map;
          map.where = node.where;
          map.folder = node.folder;
          map.entries.push_back({std::string(to_view(child->key)), node});
          return bind_map(children, map, what, out, {});
        }
      bad(node, what + (children.empty() ? " takes no value" : " must be a map of options") + "; found " +
                    describe(node));
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
      odeon_value value = start(ODEON_VALUE_NULL, item);
      if (!bare || child.type == ODEON_OPTION_GROUP)
        value = bind_value(child, bare ? nothing : item.entries[0].second, "'" + name + "'", entry[name]);
      else
        entry[name] = nullptr;
      entries.push_back(with_children(start(ODEON_VALUE_MAP, item), {value}, {child.key}));
    }
    return with_children(start(ODEON_VALUE_LIST, node), std::move(entries));
  }

  odeon_value bind_tree(const ConfigNode& node, Json& out) {
    odeon_value v = start(ODEON_VALUE_NULL, node);
    if (node.kind == ConfigNode::Kind::scalar) {
      double real = 0;
      int64_t integer = 0;
      v.string = keep(node.text);
      out = node.text;
      v.type = ODEON_VALUE_STRING;
      if (!node.quoted && parse_integer(node.text, integer))
        v.type = ODEON_VALUE_INT, v.integer = integer, v.real = static_cast<double>(integer), out = integer;
      else if (!node.quoted && parse_real(node.text, real))
        v.type = ODEON_VALUE_REAL, v.real = real, out = real;
      else if (!node.quoted && (node.text == "true" || node.text == "false"))
        v.type = ODEON_VALUE_BOOL, v.integer = node.text == "true", out = node.text == "true";
      return v;
    }
    std::vector<odeon_value> children;
    std::vector<odeon_str> keys;
    for (const ConfigNode& item : node.items) children.push_back(bind_tree(item, out.emplace_back()));
    for (const auto& [key, value] : node.entries) {
      children.push_back(bind_tree(value, out[key]));
      keys.push_back(keep(key));
    }
    v.type = node.kind == ConfigNode::Kind::list  ? ODEON_VALUE_LIST
             : node.kind == ConfigNode::Kind::map ? ODEON_VALUE_MAP
                                                  : ODEON_VALUE_NULL;
    return with_children(v, std::move(children), std::move(keys));
  }

  const BindContext& context_;
  BoundOptions options_;
  Store& store_;
};

BoundOptions bind_options(const Schema& schema, const ConfigNode& map, const BindContext& context) {
  return Binder(context).bind(schema, map);
}

ComponentChoice bind_component(int32_t kind, const ConfigNode& node, const Registry& registry,
                               std::vector<std::string> also) {
  const std::string name = kind_name(kind);
  const ConfigNode* plugin = node.kind == ConfigNode::Kind::map ? node.find("plugin") : &node;
  if (!plugin || plugin->kind != ConfigNode::Kind::scalar)
    bad(plugin ? *plugin : node,
        "'" + name + "' must be the id of a component or a map with 'plugin: id'; found " +
            describe(plugin ? *plugin : node) + ". Installed: " + joined(registry.ids(kind)) + ".");
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
