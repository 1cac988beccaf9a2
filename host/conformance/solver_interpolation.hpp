// States between the ends of steps.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding interpolates(const Subject& s);

}  // namespace odeon::host::conformance
