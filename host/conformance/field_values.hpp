// What a field says of itself, and its values.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding describes_itself(const Subject& s);
Finding lowers_to_its_graph(const Subject& s);
Finding evaluates(const Subject& s);
Finding halves_add_up(const Subject& s);
Finding rows_are_independent(const Subject& s);
Finding evaluates_to_the_same_bits(const Subject& s);
Finding evaluates_in_single_precision(const Subject& s);

}  // namespace odeon::host::conformance
