// The required arithmetic of a backend against plain loops.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding lincomb_is_right(const Subject& s);
Finding error_norm_is_right(const Subject& s);
Finding reduce_is_right(const Subject& s);
Finding dot_is_right(const Subject& s);
Finding select_is_right(const Subject& s);

}  // namespace odeon::host::conformance
