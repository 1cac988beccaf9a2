// The `model` section: a list of layers and ode blocks.
#pragma once
#include "experiment/sections.hpp"

namespace odeon::host {

extern const odeon_option kOdeSection;  // an `ode` entry
const odeon_option& model_section();

}  // namespace odeon::host
