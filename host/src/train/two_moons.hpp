// Two interleaved half circles with Gaussian noise, as scikit-learn's make_moons with angles at random: the
// upper one around (0, 0), the lower one around (1, 0.5), both of radius 1. Their density is an integral over
// the angle, so that a fit can be held against the truth.
#pragma once
#include "data/array.hpp"

namespace odeon::host {

Array two_moons(int64_t count, double noise, uint64_t seed);  // [count, 2]
double two_moons_log_density(double x, double y, double noise);

}  // namespace odeon::host
