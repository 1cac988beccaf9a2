// What a solver may not take: memory per step, threads, state that instances share.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding steps_do_not_allocate(const Subject& s);
Finding solves_start_no_thread(const Subject& s);
Finding instances_are_independent(const Subject& s);

}  // namespace odeon::host::conformance
