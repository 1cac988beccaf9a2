// Solves that must end in a stated way: well, again the same, by a failure, cancelled.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding solves(const Subject& s);
Finding is_deterministic(const Subject& s);
Finding computes_in_single_precision(const Subject& s);
Finding takes_no_step_without_a_span(const Subject& s);
Finding fails_where_the_field_is_not_a_number(const Subject& s);
Finding stops_when_cancelled(const Subject& s);
Finding passes_errors_of_the_field_on(const Subject& s);

}  // namespace odeon::host::conformance
