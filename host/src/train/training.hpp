// The tasks train and evaluate: what can be fitted, told apart by one key of the configuration.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "experiment/sections.hpp"
#include "experiment/tasks.hpp"

namespace odeon::host {

struct TrainedKind {
  const odeon_option* section;            // what stands under its key of the root: a list of layers
  std::string noun;                       // the same in words: "a list of layers"
  std::string effect;                     // "trains a classifier"
  std::vector<const odeon_option*> keys;  // of the root that mean something beside it
  std::string instead_of_evaluate;        // how else to use what was fitted; empty: task evaluate runs it

  // Everything that can be checked before; returns what `validate` prints. Throws ConfigError.
  std::string (*check)(const Experiment& experiment, const Registry& registry);
  RunResult (*run)(const Experiment& experiment, const Registry& registry, bool quiet,
                   const std::string& folder);

  std::string key() const { return std::string(to_view(section->key)); }
};

// One row for everything that task train can fit.
std::span<const TrainedKind> trained_kinds();

// The kind whose key the root has. Throws ConfigError where there is none or more than one, or where task
// evaluate is asked for and the kind has none.
const TrainedKind& trained_kind(const ConfigNode& root, Task task);

}  // namespace odeon::host
