// Whether a communicator exchanges what communicator.h says. The checks start no other process: its ranks are
// those that it finds, most often this process alone.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding says_where_it_stands(const Subject& subject);
Finding sums_in_order(const Subject& subject);
Finding broadcasts(const Subject& subject);
Finding barrier_returns(const Subject& subject);
Finding refuses_what_it_cannot_do(const Subject& subject);
Finding sums_to_the_same_bits(const Subject& subject);
Finding communicators_are_independent(const Subject& subject);
Finding abort_ends_the_process(const Subject& subject);

}  // namespace odeon::host::conformance
