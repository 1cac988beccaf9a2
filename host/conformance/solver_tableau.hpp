// What the numbers of a Runge-Kutta tableau say by themselves.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding order_conditions_hold(const Subject& s);
Finding embedded_row_has_its_order(const Subject& s);
Finding dense_output_has_its_order(const Subject& s);
Finding additive_conditions_hold(const Subject& s);

}  // namespace odeon::host::conformance
