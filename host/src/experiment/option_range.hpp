// Whether a number lies beyond the bounds of an option.
#pragma once
#include <odeon/options.h>

namespace odeon::host {

inline bool is_below(const odeon_option& o, double x) {
  return (o.flags & ODEON_OPTION_MIN_EXCLUSIVE) ? x <= o.minimum : x < o.minimum;
}
inline bool is_above(const odeon_option& o, double x) {
  return (o.flags & ODEON_OPTION_MAX_EXCLUSIVE) ? x >= o.maximum : x > o.maximum;
}

}  // namespace odeon::host
