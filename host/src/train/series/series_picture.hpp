// What a model makes of some series that were held out.
#pragma once
#include "train/series/series_data.hpp"

namespace odeon::host {

// predictions: [N', T, D] of the series from `first` on, of which the first few are drawn: of two numbers as
// paths in the plane, of others the first number over time. Returns SVG.
std::string series_picture(const SeriesData& data, const Array& predictions, int64_t first);

}  // namespace odeon::host
