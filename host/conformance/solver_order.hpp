// Orders as they show in the errors of solves.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding shows_its_order(const Subject& s);
Finding shows_its_order_backwards(const Subject& s);
Finding error_follows_tolerance(const Subject& s);
Finding takes_long_steps_on_stiff_problems(const Subject& s);

}  // namespace odeon::host::conformance
