#include "experiment/option_values.hpp"

#include <algorithm>
#include <cmath>
#include <odeon/sdk/error.hpp>

#include "data/nearest.hpp"
#include "experiment/literals.hpp"
#include "experiment/option_range.hpp"

namespace odeon::host {

using Json = nlohmann::ordered_json;
using Store = BoundOptions::Store;

namespace {

double in_range(const odeon_option& o, const ConfigNode& node, const std::string& what, double x) {
  if (is_below(o, x) || (is_above(o, x) && !(std::isinf(x) && o.maximum == ODEON_UNBOUNDED_ABOVE)))
    bad(node, what + " must be " + range_text(o) + "; found " + node.text);
  return x;
}

odeon_value real_value(const odeon_option& o, const ConfigNode& node, const std::string& what, Json& out) {
  odeon_value v = start_value(ODEON_VALUE_REAL, node);
  v.real = in_range(o, node, what, read_real(node, what));
  out = std::isfinite(v.real) ? Json(v.real) : Json(node.text);
  return v;
}

odeon_value text_value(Store& store, const ConfigNode& node, const std::string& what, Json& out) {
  odeon_value v = start_value(ODEON_VALUE_STRING, node);
  v.string = store.keep(read_text(node, what));
  out = node.text;
  return v;
}

odeon_value integer_value(const odeon_option& o, const ConfigNode& node, const std::string& what, Json& out) {
  odeon_value v = start_value(ODEON_VALUE_INT, node);
  v.integer = read_integer(node, what);
  v.real = in_range(o, node, what, static_cast<double>(v.integer));
  out = v.integer;
  return v;
}

odeon_value boolean_value(const ConfigNode& node, const std::string& what, Json& out) {
  odeon_value v = start_value(ODEON_VALUE_BOOL, node);
  v.integer = read_boolean(node, what);
  out = v.integer != 0;
  return v;
}

odeon_value choice_value(Store& store, const odeon_option& o, const ConfigNode& node, const std::string& what,
                         Json& out) {
  odeon_value v = text_value(store, node, what, out);
  std::vector<std::string> choices;
  for (int64_t i = 0; i < o.n_choices; ++i) choices.emplace_back(to_view(o.choices[i]));
  if (std::find(choices.begin(), choices.end(), node.text) == choices.end())
    bad(node, what + " must be one of " + joined(choices) + "; found " + describe(node) +
                  did_you_mean(node.text, choices));
  return v;
}

odeon_value reals_value(Store& store, const odeon_option& o, const ConfigNode& node, const std::string& what,
                        Json& out) {
  std::vector<odeon_value> children;
  if (node.kind == ConfigNode::Kind::list)
    for (const ConfigNode& item : node.items)
      children.push_back(real_value(o, item, what, out.emplace_back()));
  else
    children.push_back(real_value(o, node, what, out));
  if (children.empty()) bad(node, what + " must be a number or a list of numbers; found an empty list");
  return store.with_children(start_value(ODEON_VALUE_LIST, node), std::move(children));
}

odeon_value strings_value(Store& store, const ConfigNode& node, const std::string& what, Json& out) {
  if (node.kind != ConfigNode::Kind::list)
    bad(node, what + " must be a list of words; found " + describe(node));
  std::vector<odeon_value> children;
  for (const ConfigNode& item : node.items)
    children.push_back(text_value(store, item, what, out.emplace_back()));
  return store.with_children(start_value(ODEON_VALUE_LIST, node), std::move(children));
}

odeon_value map_value(Store& store, const odeon_option& o, const ConfigNode& node, const std::string& what,
                      Json& out) {
  if (node.kind != ConfigNode::Kind::map)
    bad(node, what + " must be a map of name: value; found " + describe(node));
  std::vector<odeon_value> children;
  std::vector<odeon_str> keys;
  for (const auto& [key, value] : node.entries) {
    const std::string entry = what + " entry '" + key + "'";
    if (o.type == ODEON_OPTION_REAL_MAP && value.kind == ConfigNode::Kind::list)
      bad(value, entry +
                     " must be one number; found a list; give each of its numbers a name of its own, as " +
                     key + "1, " + key + "2");
    children.push_back(o.type == ODEON_OPTION_REAL_MAP ? real_value(o, value, entry, out[key])
                                                       : text_value(store, value, entry, out[key]));
    keys.push_back(store.keep(key));
  }
  return store.with_children(start_value(ODEON_VALUE_MAP, node), std::move(children), std::move(keys));
}

odeon_value array_value(Store& store, const ConfigNode& node, const std::string& what, Json& out) {
  odeon_value v = start_value(ODEON_VALUE_ARRAY, node);
  Array& array = store.arrays.emplace_back(read_array(node, what));
  v.handle = &store.tensors.emplace_back(array.view());
  out = {{"shape", array.shape}};
  return v;
}

odeon_value tree_value(Store& store, const ConfigNode& node, Json& out) {
  odeon_value v = start_value(ODEON_VALUE_NULL, node);
  if (node.kind == ConfigNode::Kind::scalar) {
    double real = 0;
    int64_t integer = 0;
    v.string = store.keep(node.text);
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
  for (const ConfigNode& item : node.items) children.push_back(tree_value(store, item, out.emplace_back()));
  for (const auto& [key, value] : node.entries) {
    children.push_back(tree_value(store, value, out[key]));
    keys.push_back(store.keep(key));
  }
  v.type = node.kind == ConfigNode::Kind::list  ? ODEON_VALUE_LIST
           : node.kind == ConfigNode::Kind::map ? ODEON_VALUE_MAP
                                                : ODEON_VALUE_NULL;
  return store.with_children(v, std::move(children), std::move(keys));
}

}  // namespace

odeon_value plain_value(Store& store, const odeon_option& o, const ConfigNode& node, const std::string& what,
                        Json& out) {
  switch (o.type) {
    case ODEON_OPTION_BOOL:
      return boolean_value(node, what, out);
    case ODEON_OPTION_INT:
      return integer_value(o, node, what, out);
    case ODEON_OPTION_REAL:
      return real_value(o, node, what, out);
    case ODEON_OPTION_STRING:
      return text_value(store, node, what, out);
    case ODEON_OPTION_CHOICE:
      return choice_value(store, o, node, what, out);
    case ODEON_OPTION_REALS:
      return reals_value(store, o, node, what, out);
    case ODEON_OPTION_STRINGS:
      return strings_value(store, node, what, out);
    case ODEON_OPTION_REAL_MAP:
    case ODEON_OPTION_STRING_MAP:
      return map_value(store, o, node, what, out);
    case ODEON_OPTION_ARRAY:
      return array_value(store, node, what, out);
    default:
      return tree_value(store, node, out);
  }
}

}  // namespace odeon::host
