// Checks a configuration map against option schemas and makes the values that components receive.
#pragma once
#include <odeon/options.h>

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "experiment/scalars.hpp"

namespace odeon::host {

class Registry;

// A checked MAP with all defaults filled in; owns everything its value points to. Cheap to copy.
class BoundOptions {
 public:
  BoundOptions();
  const odeon_value& value() const;
  // What was given and what was not, for record.json.
  const nlohmann::ordered_json& resolved() const;

  struct Store;

 private:
  friend class Binder;
  std::shared_ptr<Store> store_;
};

struct BindContext {
  const Registry* registry = nullptr;  // for options that name components
  std::string owner;                   // "solver 'dopri5'", for messages
  std::vector<std::string> also;       // keys of the map that somebody else reads ("plugin", "weights")
};

using Schema = std::vector<const odeon_option*>;

// Throws ConfigError: unknown keys (with the nearest match), wrong types, values out of range, missing
// required options; each with the place.
BoundOptions bind_options(const Schema& schema, const ConfigNode& map, const BindContext& context);

}  // namespace odeon::host
