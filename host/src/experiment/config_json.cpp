#include "experiment/config_json.hpp"

#include "experiment/scalars.hpp"

namespace odeon::host {
namespace {

using Json = nlohmann::ordered_json;

Json scalar_to_json(const ConfigNode& node) {
  if (node.quoted) return node.text;
  if (node.text == "true" || node.text == "false") return node.text == "true";
  int64_t integer = 0;
  if (parse_integer(node.text, integer)) return integer;
  double real = 0;
  const bool word = node.text.ends_with("inf") && node.text.find('.') == std::string::npos;  // text, in YAML
  if (!word && parse_real(node.text, real)) return real;
  return node.text;
}

}  // namespace

Json to_json(const ConfigNode& node) {
  Json out;
  switch (node.kind) {
    case ConfigNode::Kind::null:
      return nullptr;
    case ConfigNode::Kind::scalar:
      return scalar_to_json(node);
    case ConfigNode::Kind::list:
      out = Json::array();
      for (const ConfigNode& item : node.items) out.push_back(to_json(item));
      return out;
    default:
      out = Json::object();
      for (const auto& [key, value] : node.entries) out[key] = to_json(value);
      return out;
  }
}

}  // namespace odeon::host
