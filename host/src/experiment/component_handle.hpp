// A component chosen in a configuration, with its checked options; the ABI's odeon_component_handle.
#pragma once
#include <odeon/host.h>

#include "experiment/option_binding.hpp"

namespace odeon::host {
struct LoadedComponent;
class Registry;
}  // namespace odeon::host

struct odeon_component_handle {
  const odeon::host::LoadedComponent* component = nullptr;
  odeon::host::BoundOptions options;
  const odeon::host::Registry* registry = nullptr;  // that it comes from; outlives it
};

namespace odeon::host {

using ComponentChoice = odeon_component_handle;

// node: a bare id, or a map with `plugin: id` and options (for solvers also the engine's). also: further
// keys that the caller reads itself.
ComponentChoice bind_component(int32_t kind, const ConfigNode& node, const Registry& registry,
                               std::vector<std::string> also = {});

}  // namespace odeon::host
