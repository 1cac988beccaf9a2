// How a gradient strategy ends: with nothing left on the tape, and with the field's own words when it failed.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding gives_its_tape_back(const Subject& s);
Finding passes_errors_on(const Subject& s);
Finding stops_in_both_passes(const Subject& s);
Finding needs_what_it_says(const Subject& s);
Finding strategies_start_no_thread(const Subject& s);
Finding strategies_are_independent(const Subject& s);

}  // namespace odeon::host::conformance
