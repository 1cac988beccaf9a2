#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.hpp"
#include "bindings.hpp"

namespace odeon::python {
namespace {

using host::DenseSolution;

// [times, batch, state…]
Array at(const DenseSolution& d, const Doubles& times) {
  std::vector<double> out;
  for (const double t : values(times)) {
    const std::vector<double> state = d.at(t);
    out.insert(out.end(), state.begin(), state.end());
  }
  std::vector<int64_t> shape{static_cast<int64_t>(times.size()), d.batch()};
  shape.insert(shape.end(), d.state_shape().begin(), d.state_shape().end());
  return to_numpy(std::move(out), shape);
}

}  // namespace

void bind_dense_solution(nb::module_& m) {
  nb::class_<DenseSolution>(m, "DenseSolution")
      .def_static("read", &DenseSolution::read)
      .def("write", &DenseSolution::write)
      .def("at", &at)
      .def_prop_ro("state_shape", &DenseSolution::state_shape)
      .def_prop_ro("batch", &DenseSolution::batch)
      .def_prop_ro("degree", &DenseSolution::degree)
      .def_prop_ro("start", &DenseSolution::start)
      .def_prop_ro("stop", &DenseSolution::stop);
}

}  // namespace odeon::python
