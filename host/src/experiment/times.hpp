// Lists of times: of the solution, of an ode block, of data.
#pragma once
#include "experiment/sections.hpp"

namespace odeon::host {

// Two or more, finite, strictly rising or falling. Throws ConfigError.
std::vector<double> read_times(const ConfigNode& node);

inline constexpr int64_t kMostTimes = 10'000'000;
inline constexpr odeon_option kStart =
    make_option(ODEON_OPTION_REAL, str("start"), kNoText, str("The first time."), kRequired);
inline constexpr odeon_option kStop =
    make_option(ODEON_OPTION_REAL, str("stop"), kNoText, str("The last time."), kRequired);
inline constexpr odeon_option kCount =
    ranged(make_option(ODEON_OPTION_INT, str("count"), kNoText, str("How many, evenly spaced."), kRequired),
           2, double(kMostTimes));
inline constexpr const odeon_option* kTimeRange[] = {&kStart, &kStop, &kCount};

constexpr odeon_option times_section(odeon_str doc, uint32_t flags = kRequired) {
  return with_children(make_option(kTimesSection, str("times"), kNoText, doc, flags), kTimeRange);
}

}  // namespace odeon::host
