// Options of components and sections of the configuration as JSON schema, draft 7.
#pragma once
#include <map>
#include <nlohmann/json.hpp>

#include "experiment/sections.hpp"

namespace odeon::host {

class SchemaWriter {
 public:
  using Json = nlohmann::ordered_json;

  // What may stand behind the key of an option. place: of its definition, if it needs one: "field_neural".
  Json value_of(const odeon_option& option, const std::string& place);
  // A map of these keys and no others.
  Json map_of(Keys keys, const std::string& place);

  // Definitions that values refer to: lists of layers, which hold lists of layers.
  Json definitions = Json::object();

  static Json reference(const std::string& definition) { return {{"$ref", "#/definitions/" + definition}}; }
  // `then` for texts, `otherwise` for the rest: both get their own messages, as those of anyOf would not.
  static Json if_type(const char* type, Json then, Json otherwise);

 private:
  Json plain(const odeon_option& option);
  Json structured(const odeon_option& option, const std::string& place);
  Json component(const odeon_option& option);
  Json group(const odeon_option& option, const std::string& place);
  Json tagged(const odeon_option& option, const std::string& place);
  Json variants(const odeon_option& option, const std::string& place);
  Json variant_entry(const odeon_option& option, const std::string& place);

  std::map<const odeon_option* const*, std::string> named_;  // definitions of lists of variants
};

}  // namespace odeon::host
