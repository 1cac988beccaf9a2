// `events:` of a configuration.
#pragma once
#include "engine/events.hpp"
#include "experiment/config_node.hpp"

namespace odeon::host {

// Events as formulas of the field's states, its scalar parameters and t; none where node is NULL. Throws
// ConfigError.
std::vector<EventGroup> read_events(const ConfigNode* node, const Field& field);

}  // namespace odeon::host
