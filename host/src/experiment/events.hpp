// `events:` of a configuration.
#pragma once
#include "engine/events.hpp"
#include "experiment/config_node.hpp"

namespace odeon::host {

extern const odeon_option kEventsSection;

// Events as formulas of the field's states, its scalar parameters and t; none where node is NULL. Throws
// ConfigError.
std::vector<EventGroup> read_events(const ConfigNode* node, const Field& field);

// `events:` of `loss`; row: the shape of a row's state. Names are checked where the events are known.
EventCotangents read_event_cotangents(const ConfigNode& node, const std::vector<int64_t>& row);

}  // namespace odeon::host
