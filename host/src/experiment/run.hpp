// From a configuration source to a finished run: the one entry of the command line and of embedding programs.
#pragma once
#include "experiment/tasks.hpp"

namespace odeon::host {

struct RunSettings {
  std::string output;  // over output.directory; empty: as the configuration says
  bool quiet = false;  // no progress bars
  bool failure_is_result = false;
};

// Loads, checks, runs and writes. A failed or cancelled run still leaves record.json with its reason, and
// then throws.
RunResult run_experiment(const ExperimentSource& source, const RunSettings& settings);

// The same with components that are there already; `plugins:` is refused. An integration that gave up is a
// result with `failure` when settings.failure_is_result.
RunResult run_experiment(const ExperimentSource& source, const RunSettings& settings,
                         const Registry& registry);

// The same for a tree that was already loaded (and perhaps changed); path: for the record.
RunResult run_tree(const ConfigNode& root, const std::string& path, const RunSettings& settings,
                   const Registry& registry);

// Makes an output folder, or throws RunError where it cannot be written to: before hours of work, not after.
void prepare_folder(const std::string& folder);

// Throws ConfigError when the tree has `plugins`, whose place is where components are loaded.
void refuse_plugins(const ConfigNode& root);

// Checks everything that needs no run; returns a summary for people. Throws as run_experiment does.
std::string validate_experiment(const ExperimentSource& source);

// Whether the parts fit together, without a backend; returns lines for people.
std::string check_experiment(const Experiment& experiment, const Registry& registry);

}  // namespace odeon::host
