// The plugins of this build, wherever else some are installed.
#pragma once
#include "loader/registry.hpp"

namespace odeon::test {

inline const host::Registry& built_plugins() {
  static const host::Registry registry = [] {
    host::LoaderOptions options;
    options.roots = {ODEON_BINARY_DIR "/plugins"};
    return host::Registry::discover(options);
  }();
  return registry;
}

}  // namespace odeon::test
