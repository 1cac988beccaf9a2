// Training models of time series: `latent`, a latent ODE, `recurrent`, the network that it is compared with,
// and `field`, whose state is what was measured.
#pragma once
#include "experiment/tasks.hpp"

namespace odeon::host {

// For task evaluate, `train.resume` names the checkpoint. Throw ConfigError.
std::string check_latent_ode(const Experiment& experiment, const Registry& registry);
std::string check_field_fit(const Experiment& experiment, const Registry& registry);
std::string check_recurrent(const Experiment& experiment, const Registry& registry);

// Train, or for task evaluate measure their errors.
RunResult run_latent_ode(const Experiment& experiment, const Registry& registry, bool quiet,
                         const std::string& folder);
RunResult run_field_fit(const Experiment& experiment, const Registry& registry, bool quiet,
                        const std::string& folder);
RunResult run_recurrent(const Experiment& experiment, const Registry& registry, bool quiet,
                        const std::string& folder);

}  // namespace odeon::host
