// The stability function R(z): what one step of size h makes of y' = (z / h) y, y = 1.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding is_stable(const Subject& s);

}  // namespace odeon::host::conformance
