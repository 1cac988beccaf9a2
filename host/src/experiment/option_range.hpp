// The bounds of an option.
#pragma once
#include <odeon/options.h>

#include <string>

namespace odeon::host {

inline bool is_below(const odeon_option& o, double x) {
  return (o.flags & ODEON_OPTION_MIN_EXCLUSIVE) ? x <= o.minimum : x < o.minimum;
}
inline bool is_above(const odeon_option& o, double x) {
  return (o.flags & ODEON_OPTION_MAX_EXCLUSIVE) ? x >= o.maximum : x > o.maximum;
}

// "from 1 to 10", "> 0", "above 0 and at most 1", "from 0 to below 1"; nothing where there are no bounds.
std::string range_text(const odeon_option& o);

}  // namespace odeon::host
