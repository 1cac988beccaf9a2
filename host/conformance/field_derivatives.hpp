// Derivative products of a field.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding derivatives_are_slopes(const Subject& s);
Finding write_modes_are_kept(const Subject& s);

}  // namespace odeon::host::conformance
