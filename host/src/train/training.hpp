// The tasks train and evaluate.
#pragma once
#include "experiment/tasks.hpp"

namespace odeon::host {

// With `model`: a classifier on images. With `field` and data of format trajectory: a field fitted to a
// trajectory that the run makes itself.
RunResult run_training(const Experiment& experiment, const Registry& registry, bool quiet,
                       const std::string& folder);

// The test error of a trained classifier: `train.resume` names its checkpoint.
RunResult run_evaluation(const Experiment& experiment, const Registry& registry);

// Everything that can be checked before training; returns what `validate` prints: for a model, a line per
// segment and the parameter count. Throws ConfigError.
std::string check_training(const Experiment& experiment, const Registry& registry);

}  // namespace odeon::host
