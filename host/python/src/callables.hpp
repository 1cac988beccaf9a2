// Python functions as fields and events. They are called with the GIL, which the solve around them has given
// up; what they raise comes out of that solve as it is.
#pragma once
#include <nanobind/nanobind.h>

#include <odeon/host/batch_field.hpp>
#include <odeon/host/event_function.hpp>

namespace odeon::python {

// f(t, y, theta) -> dydt and vjp(t, y, theta, v) -> (gt, gy, gtheta), or None; theta flat. Both answer with
// contiguous doubles of the right sizes: the Python half sees to it (fields.py).
host::BatchField to_field(std::string id, std::vector<int64_t> state_shape,
                          std::vector<host::FieldParameter> parameters, nanobind::object f,
                          nanobind::object vjp);

// when(t, y) -> float and reset(t, y) -> y, or None; y of one row, flat.
host::EventFunction to_event(std::string name, nanobind::object when, nanobind::object reset,
                             const std::string& direction, bool terminal, double tolerance,
                             int64_t max_count);

}  // namespace odeon::python
