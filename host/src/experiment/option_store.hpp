// What a BoundOptions keeps: the values that components receive, and all that they point to.
#pragma once
#include <deque>
#include <nlohmann/json.hpp>

#include "data/array.hpp"
#include "experiment/component_handle.hpp"
#include "experiment/config_node.hpp"

namespace odeon::host {

// Deques keep addresses while they grow.
struct BoundOptions::Store {
  odeon_value root{};
  nlohmann::ordered_json resolved = nlohmann::ordered_json::object();
  std::deque<std::string> texts;
  std::deque<std::vector<odeon_value>> children;
  std::deque<std::vector<odeon_str>> keys;
  std::deque<Array> arrays;
  std::deque<odeon_tensor> tensors;
  std::deque<odeon_component_handle> components;

  odeon_str keep(std::string text);
  odeon_value with_children(odeon_value v, std::vector<odeon_value> items, std::vector<odeon_str> names = {});
};

// A value of this type that knows where it was written, if it was.
odeon_value start_value(int32_t type, const ConfigNode& node);

}  // namespace odeon::host
