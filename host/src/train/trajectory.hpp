// Fitting a field to a trajectory that the run makes itself.
#pragma once
#include "experiment/tasks.hpp"

namespace odeon::host {

// Everything that can be checked before; returns a line for people. Throws ConfigError.
std::string check_trajectory_fit(const Experiment& experiment, const Registry& registry);
RunResult fit_trajectory(const Experiment& experiment, const Registry& registry, bool quiet,
                         const std::string& folder);

}  // namespace odeon::host
