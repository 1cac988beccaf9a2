// Experiments with the GPU backend on its stand-in (fake/) among the installed components.
#pragma once
#include "experiment_case.hpp"
#include "loader/specimen_folder.hpp"

namespace odeon::test {

inline const host::Registry& with_fake() {
  static const host::Registry registry = [] {
    setenv("XDG_CACHE_HOME", ODEON_BINARY_DIR "/tests/fake_gpu_cache", 1);  // not the user's
    host::LoaderOptions options;
    options.roots = {ODEON_FAKE_GPU_PLUGINS};
    return host::Registry::discover(options);
  }();
  return registry;
}

inline host::RunResult solve_on(const char* backend, Json config) {
  config["backend"] = backend;
  return host::run_solve(to_experiment(config, with_fake()), with_fake());
}

}  // namespace odeon::test
