// Rules for what a plugin exports, checked before any of its code is called.
#pragma once
#include <odeon/plugin.h>

#include <string>

namespace odeon::host {

// A broken rule: its statement, what was found, and the remedy. Empty rule: none is broken.
struct Broken {
  std::string rule, found, remedy;
  explicit operator bool() const { return !rule.empty(); }
};

Broken check_plugin(const odeon_plugin& plugin);
Broken check_component(const odeon_component& component);

}  // namespace odeon::host
