// Task sweep: several experiments one after the other, and one table of their metrics.
#pragma once
#include "experiment/run.hpp"

namespace odeon::host {

const odeon_option& runs_section();

// Validates every run; returns a line for each. Throws ConfigError.
std::string check_sweep(const Experiment& experiment, const Registry& registry);

// `runs`: configuration files relative to this one; each writes into its own folder below `folder`.
RunResult run_sweep(const Experiment& experiment, const Registry& registry, const RunSettings& settings,
                    const std::string& folder);

}  // namespace odeon::host
