#include "experiment/option_schema.hpp"

#include <algorithm>
#include <cmath>

#include "experiment/config_json.hpp"
#include "experiment/root_keys.hpp"

namespace odeon::host {
namespace {

using Json = SchemaWriter::Json;

// Numbers and words such as true are text where text is asked for.
const Json kText = Json::array({"string", "number", "boolean"});

Json words_of(const odeon_option& o, int64_t from) {
  Json words = Json::array();
  for (int64_t i = from; i < o.n_choices; ++i) words.push_back(to_view(o.choices[i]));
  return words;
}

Json whole(double x) {
  return std::abs(x) < 9e15 && x == std::floor(x) ? Json(static_cast<int64_t>(x)) : Json(x);
}

void add_range(Json& schema, const odeon_option& o) {
  if (o.minimum > ODEON_UNBOUNDED_BELOW)
    schema[(o.flags & ODEON_OPTION_MIN_EXCLUSIVE) ? "exclusiveMinimum" : "minimum"] = whole(o.minimum);
  if (o.maximum < ODEON_UNBOUNDED_ABOVE)
    schema[(o.flags & ODEON_OPTION_MAX_EXCLUSIVE) ? "exclusiveMaximum" : "maximum"] = whole(o.maximum);
}

void add_doc(Json& schema, const odeon_option& o) {
  std::string doc(to_view(o.doc));
  if (o.unit.data) doc += " Unit: " + std::string(to_view(o.unit)) + ".";
  if (!doc.empty()) schema["description"] = doc;
  if (o.default_yaml.data)
    schema["default"] = to_json(parse_config(std::string(to_view(o.default_yaml)) + "\n", "default", "."));
}

Json required_of(Keys keys) {
  Json names = Json::array();
  for (const odeon_option* key : keys)
    if ((key->flags & kRequired) && !key->default_yaml.data) names.push_back(to_view(key->key));
  return names;
}

const odeon_option* shorthand_of(const odeon_option& group) {
  for (const odeon_option* child : children_of(group))
    if (child->flags & ODEON_OPTION_SHORTHAND) return child;
  return nullptr;
}

}  // namespace

Json SchemaWriter::if_type(const char* type, Json then, Json otherwise) {
  return {{"if", {{"type", type}}}, {"then", std::move(then)}, {"else", std::move(otherwise)}};
}

Json SchemaWriter::map_of(Keys keys, const std::string& place) {
  Json properties = Json::object();
  for (const odeon_option* key : keys) properties[std::string(to_view(key->key))] = value_of(*key, place);
  Json schema{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (Json required = required_of(keys); !required.empty()) schema["required"] = std::move(required);
  return schema;
}

Json SchemaWriter::value_of(const odeon_option& o, const std::string& place) {
  Json schema = o.type < 0 || o.type >= ODEON_OPTION_COMPONENT ? structured(o, place) : plain(o);
  if (!schema.contains("$ref")) {
    add_doc(schema, o);
    return schema;
  }
  Json documented{{"allOf", Json::array({schema})}};  // draft 7 looks at nothing beside a $ref
  add_doc(documented, o);
  return documented;
}

Json SchemaWriter::plain(const odeon_option& o) {
  Json schema;
  const auto number = [&](const char* type) {
    schema["type"] = type;
    add_range(schema, o);
    return schema;
  };
  switch (o.type) {
    case ODEON_OPTION_BOOL:
      return {{"type", "boolean"}};
    case ODEON_OPTION_INT:
      return number("integer");
    case ODEON_OPTION_REAL:
      return number("number");
    case ODEON_OPTION_CHOICE:
      return {{"enum", words_of(o, 0)}};
    case ODEON_OPTION_REALS:
      schema = number("number");
      return {{"if", {{"type", "array"}}}, {"then", {{"items", schema}, {"minItems", 1}}}, {"else", schema}};
    case ODEON_OPTION_STRINGS:
      return {{"type", "array"}, {"items", {{"type", kText}}}};
    case ODEON_OPTION_REAL_MAP:
      return {{"type", "object"}, {"additionalProperties", number("number")}};
    case ODEON_OPTION_STRING_MAP:
      return {{"type", "object"}, {"additionalProperties", {{"type", kText}}}};
    case ODEON_OPTION_ARRAY:
      schema = reference("array");
      return o.n_choices == 0 ? schema : if_type("string", {{"enum", words_of(o, 0)}}, schema);
    default:
      return {{"type", kText}};
  }
}

Json SchemaWriter::structured(const odeon_option& o, const std::string& place) {
  const Keys children = children_of(o);
  Json schema;
  switch (o.type) {
    case ODEON_OPTION_COMPONENT:
      return component(o);
    case ODEON_OPTION_VARIANTS:
      return variants(o, place);
    case ODEON_OPTION_GROUP:
      return group(o, place);
    case kTimesSection: {
      const Json file{{"required", Json::array({"file"})}};
      return if_type("object",
                     {{"if", file}, {"then", reference("array")}, {"else", map_of(children, place)}},
                     {{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", 2}});
    }
    case kFieldSection:
      return reference("field");
    case kListSection:
      return {{"type", "array"}, {"items", group(o, place)}};
    case kTaggedSection:
      return tagged(o, place);
    case kOneOfSection:
      schema = map_of(children, place);
      schema["minProperties"] = schema["maxProperties"] = 1;
      return schema;
    case kNamedSection:
      return {{"type", "object"}, {"additionalProperties", value_of(*o.children[0], place)}};
    case kOverSection:
      return {{"type", "object"}, {"propertyNames", {{"enum", all_root_keys()}}}};
    default:
      return Json::object();  // ODEON_OPTION_TREE
  }
}

Json SchemaWriter::component(const odeon_option& o) {
  const Json named = reference(std::string(to_view(o.choices[0])));
  if (o.n_choices == 1) return named;
  return {{"if", {{"enum", words_of(o, 1)}}}, {"then", true}, {"else", named}};
}

Json SchemaWriter::group(const odeon_option& o, const std::string& place) {
  Json map = map_of(children_of(o), place);
  const odeon_option* shorthand = shorthand_of(o);
  return shorthand ? if_type("object", map, value_of(*shorthand, place)) : map;
}

// Editors offer the keys of the map whose tag stands there.
Json SchemaWriter::tagged(const odeon_option& o, const std::string& place) {
  const std::string tag(to_view(o.choices[0]));
  Json words = Json::array(), docs = Json::array(), kinds = Json::array();
  for (const odeon_option* kind : children_of(o)) {
    words.push_back(to_view(kind->key)), docs.push_back(to_view(kind->doc));
    Json map = map_of(children_of(*kind), place);
    map["properties"][tag] = true;
    kinds.push_back({{"if", {{"properties", {{tag, {{"const", to_view(kind->key)}}}}}}}, {"then", map}});
  }
  return {{"type", "object"},
          {"properties", {{tag, {{"enum", words}, {"enumDescriptions", docs}}}}},
          {"required", Json::array({tag})},
          {"allOf", kinds}};
}

Json SchemaWriter::variants(const odeon_option& o, const std::string& place) {
  const auto known = named_.find(o.children);
  if (known != named_.end()) return reference(known->second);
  std::string name = (place.empty() ? "" : place + "_") + std::string(to_view(o.key));
  while (definitions.contains(name)) name += "_";
  named_[o.children] = name;
  definitions[name] = {{"type", "array"}};  // keeps its place before those within
  definitions[name]["items"] = variant_entry(o, name);
  return reference(name);
}

// `name`, or a map with this one entry.
Json SchemaWriter::variant_entry(const odeon_option& o, const std::string& place) {
  Json bare = Json::array(), docs = Json::array(), properties = Json::object();
  for (const odeon_option* child : children_of(o)) {
    const std::string name(to_view(child->key));
    Json value = value_of(*child, place);
    const bool needs = child->type == ODEON_OPTION_GROUP && !required_of(children_of(*child)).empty();
    if (!needs) bare.push_back(name), docs.push_back(to_view(child->doc));
    properties[name] = needs ? value
                             : Json{{"if", {{"type", "null"}}},
                                    {"then", true},
                                    {"else", value},
                                    {"description", to_view(child->doc)}};
  }
  return if_type("string", {{"enum", bare}, {"enumDescriptions", docs}},
                 {{"type", "object"},
                  {"properties", properties},
                  {"additionalProperties", false},
                  {"minProperties", 1},
                  {"maxProperties", 1}});
}

}  // namespace odeon::host
