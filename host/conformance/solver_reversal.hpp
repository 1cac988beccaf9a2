// The contract of odeon.solver.reversible/1 (ext/reversible.h).
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding steps_are_taken_back(const Subject& s);

}  // namespace odeon::host::conformance
