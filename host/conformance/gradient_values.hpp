// The numbers of a gradient strategy.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding states_its_capabilities(const Subject& s);
Finding gradients_are_slopes(const Subject& s);
Finding gradients_are_slopes_backwards(const Subject& s);
Finding one_time_gives_its_cotangent(const Subject& s);
Finding theta_is_added_to(const Subject& s);
Finding what_is_not_wanted_is_left_out(const Subject& s);
Finding backward_may_be_repeated(const Subject& s);
Finding gradients_have_the_same_bits(const Subject& s);

}  // namespace odeon::host::conformance
