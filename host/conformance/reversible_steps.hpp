// A solver of the kit whose steps can be taken back, for strategies that need one.
#pragma once
#include <odeon/plugin.h>

namespace odeon::host::conformance {

extern const odeon_component kReversibleSteps;

}  // namespace odeon::host::conformance
