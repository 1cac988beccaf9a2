#include "experiment/option_range.hpp"

#include <cmath>
#include <cstdint>

#include "data/number_text.hpp"

namespace odeon::host {
namespace {

// Whole numbers in full: 1000000000, not 1e9.
std::string bound_text(double x) {
  constexpr double kExact = 9e15;
  return std::abs(x) < kExact && x == std::floor(x) ? std::to_string(static_cast<int64_t>(x))
                                                    : number_text(x);
}

}  // namespace

std::string range_text(const odeon_option& o) {
  const bool above = (o.flags & ODEON_OPTION_MIN_EXCLUSIVE) != 0,
             below = (o.flags & ODEON_OPTION_MAX_EXCLUSIVE) != 0;
  const std::string least = bound_text(o.minimum), most = bound_text(o.maximum);
  if (o.maximum == ODEON_UNBOUNDED_ABOVE)
    return o.minimum == ODEON_UNBOUNDED_BELOW ? "" : (above ? "> " : ">= ") + least;
  if (o.minimum == ODEON_UNBOUNDED_BELOW) return (below ? "< " : "<= ") + most;
  if (above) return "above " + least + " and " + (below ? "below " : "at most ") + most;
  return "from " + least + " to " + (below ? "below " : "") + most;
}

}  // namespace odeon::host
