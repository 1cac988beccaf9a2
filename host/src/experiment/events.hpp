// `events:` of a configuration.
#pragma once
#include "engine/events.hpp"
#include "experiment/config_node.hpp"

namespace odeon::host {

// Events as formulas of the field's states, its scalar parameters and t; none where node is NULL. own: those
// that the field brings. Throws ConfigError, also where names stand twice or the number of rows allows no
// such event.
std::vector<EventGroup> read_events(const ConfigNode* node, const Field& field, std::vector<EventRule> own,
                                    int64_t rows);

}  // namespace odeon::host
