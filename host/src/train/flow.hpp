// Continuous normalizing flows: densities fitted by maximum likelihood. Chen et al., NeurIPS 2018; FFJORD,
// Grathwohl et al., ICLR 2019.
#pragma once
#include "experiment/tasks.hpp"

namespace odeon::host {

// Everything that can be checked before; returns a line for people. Throws ConfigError.
std::string check_flow(const Experiment& experiment, const Registry& registry);
RunResult run_flow(const Experiment& experiment, const Registry& registry, bool quiet,
                   const std::string& folder);

}  // namespace odeon::host
