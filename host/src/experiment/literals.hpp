// Arrays written in a configuration: nested lists of numbers, or {file: x.npy}, or the rows of a table {file:
// x.csv}.
#pragma once
#include "data/csv.hpp"
#include "experiment/config_node.hpp"

namespace odeon::host {

// As float64. Throws ConfigError (ragged lists, text, unreadable file).
Array read_array(const ConfigNode& node, const std::string& what);
// The array that a node names by its path, .npy or .csv, as float64. Throws ConfigError.
Array read_array_file(const ConfigNode& file, const std::string& what, Missing missing = Missing::refused);
// A path of the configuration relative to the file it stands in.
std::string resolve_path(const ConfigNode& node);

}  // namespace odeon::host
