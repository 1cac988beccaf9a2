// What a field may not take while it evaluates.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding evaluations_do_not_allocate(const Subject& s);
Finding evaluations_start_no_thread(const Subject& s);
Finding fields_are_independent(const Subject& s);

}  // namespace odeon::host::conformance
