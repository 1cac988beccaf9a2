// Lists of layers in a configuration, outside of a field: a model's, or a decoder's.
#pragma once
#include "experiment/sections.hpp"
#include "train/parameters.hpp"

namespace odeon::host {

// Appends one entry of a list to `graph`. list: the section that it is of. place: "3" or "decoder.3", before
// the names of its parameters and in messages. Throws ConfigError.
Value append_layer(const ConfigNode& item, const Registry& registry, GraphBuilder& graph,
                   Parameters& parameters, Value x, const odeon_option& list, const std::string& place);

}  // namespace odeon::host
