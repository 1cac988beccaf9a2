// NumPy's .npy format, versions 1.0 to 3.0.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once
#include "data/array.hpp"

namespace odeon::host {

// name: for messages. Little-endian f4 f8 i4 i8 u1; Fortran order is turned into C order. Throws RunError.
Array parse_npy(std::span<const std::byte> bytes, const std::string& name);
Array read_npy(const std::string& path);
std::vector<std::byte> format_npy(const Array& array);
void write_npy(const std::string& path, const Array& array);

}  // namespace odeon::host
