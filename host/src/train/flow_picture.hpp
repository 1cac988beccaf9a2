// What a flow of two dimensions has learnt: its density, the true one where it is known, and samples.
#pragma once
#include <functional>
#include <string>

#include "train/flow_data.hpp"

namespace odeon::host {

// density: p(x) of points [n, 2] in the units of the data; samples: [n, 2] likewise. Returns SVG.
std::string flow_picture(const FlowData& data, const Array& samples,
                         const std::function<std::vector<double>(const Array& points)>& density);

}  // namespace odeon::host
