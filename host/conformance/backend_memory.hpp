// Memory of a backend, and what it says of itself.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding describes_its_device(const Subject& s);
Finding allocates_aligned_memory(const Subject& s);
Finding copies(const Subject& s);
Finding fills(const Subject& s);

}  // namespace odeon::host::conformance
