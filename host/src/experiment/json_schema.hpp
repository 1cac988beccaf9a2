// The JSON schema of configurations (draft 7), for editors: keys, choices, ranges and docs of what is
// installed.
#pragma once
#include <nlohmann/json_fwd.hpp>

namespace odeon::host {
class Registry;

nlohmann::ordered_json json_schema(const Registry& registry);

}  // namespace odeon::host
