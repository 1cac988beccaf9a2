// Values of options that have no options of their own: numbers, words, lists and maps of them, arrays, trees.
#pragma once
#include "experiment/option_store.hpp"

namespace odeon::host {

// `what` is the subject of messages; `out` becomes the option's entry of record.json.
odeon_value plain_value(BoundOptions::Store& store, const odeon_option& o, const ConfigNode& node,
                        const std::string& what, nlohmann::ordered_json& out);

}  // namespace odeon::host
