// A configuration as JSON, as YAML 1.2 reads its plain scalars (core schema).
#pragma once
#include <nlohmann/json.hpp>

#include "experiment/config_node.hpp"

namespace odeon::host {

nlohmann::ordered_json to_json(const ConfigNode& node);

}  // namespace odeon::host
