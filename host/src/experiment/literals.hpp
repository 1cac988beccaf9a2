// Arrays written in a configuration: nested lists of numbers, or {file: x.npy}.
#pragma once
#include "data/array.hpp"
#include "experiment/config_node.hpp"

namespace odeon::host {

// As float64. Throws ConfigError (ragged lists, text, unreadable file).
Array read_array(const ConfigNode& node, const std::string& what);
// A path of the configuration relative to the file it stands in.
std::string resolve_path(const ConfigNode& node);

}  // namespace odeon::host
