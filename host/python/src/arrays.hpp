// Numbers between Odeon and NumPy.
#pragma once
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdint>
#include <odeon/host/solution.hpp>
#include <span>
#include <string>
#include <vector>

namespace odeon::python {

namespace nb = nanobind;

// What the Python half hands over: contiguous doubles of any shape.
using Doubles = nb::ndarray<const double, nb::c_contig, nb::device::cpu>;

inline std::span<const double> values(const Doubles& a) { return {a.data(), a.size()}; }

// A NumPy array that owns `data`; nothing is copied.
using Array = nb::ndarray<nb::numpy, double>;
Array to_numpy(std::vector<double> data, const std::vector<int64_t>& shape);
inline Array to_numpy(host::Tensor&& t) { return to_numpy(std::move(t.values), t.shape); }

// Text that may hold bytes that are not UTF-8, as file names do.
nb::object to_str(std::string_view text);

}  // namespace odeon::python
