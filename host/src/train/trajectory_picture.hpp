// What a fit of two states looks like: the fitted field's phase portrait and both trajectories over time.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "data/array.hpp"

namespace odeon::host {

// truth, found: [T, 1, 2]; slopes: dy/dt [B, 2] of the fitted field at the rows y [B, 2]. Returns SVG.
std::string trajectory_picture(const std::vector<double>& times, const Array& truth, const Array& found,
                               const std::function<Array(const Array& y)>& slopes);

}  // namespace odeon::host
