// Numbers of a check on the host and on a backend, and how findings print them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/device.hpp"

namespace odeon::host::conformance {

using Numbers = std::vector<double>;

// `count` numbers in [low, high), the same for the same seed.
Numbers random_numbers(int64_t count, uint32_t seed, double low, double high);

double largest(const Numbers& x);  // magnitude
// Infinite where one of them is not finite.
double largest_difference(const Numbers& x, const Numbers& y);
// Of the last elements of found, as many as exact has. Smoother in a step size than the largest difference:
// no component takes over from another.
double root_mean_square(const Numbers& found, const Numbers& exact);

DeviceTensor to_device(const std::shared_ptr<Backend>& backend, const std::vector<int64_t>& shape,
                       const Numbers& values, int32_t dtype = ODEON_F64);
void write(Backend& backend, const DeviceTensor& to, const Numbers& values);
Numbers read(Backend& backend, const DeviceTensor& from);

// As printf.
std::string text(const char* format, double x);

}  // namespace odeon::host::conformance
