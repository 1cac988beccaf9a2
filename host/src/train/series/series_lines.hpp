// Series as a table with a line per point.
#pragma once
#include "experiment/config_node.hpp"
#include "train/series/series_data.hpp"

namespace odeon::host {

// Sets times and values from lines of a number for the series, a time, and the numbers measured then, in any
// order. The times are those of all series; NaN where one was not measured. Throws ConfigError.
void read_series_lines(SeriesData& data, const ConfigNode& file);

}  // namespace odeon::host
