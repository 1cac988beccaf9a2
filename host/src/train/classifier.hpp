// Training a classifier on images: `model`, a list of layers.
#pragma once
#include "experiment/tasks.hpp"

namespace odeon::host {

// For task evaluate, `train.resume` names the checkpoint. Throws ConfigError.
std::string check_classifier(const Experiment& experiment, const Registry& registry);

// Trains, or for task evaluate measures the test error.
RunResult run_classifier(const Experiment& experiment, const Registry& registry, bool quiet,
                         const std::string& folder);

}  // namespace odeon::host
