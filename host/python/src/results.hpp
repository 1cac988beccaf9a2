// Results as dicts and lists, from which the Python half makes its data classes (results.py).
#pragma once
#include <nanobind/nanobind.h>

#include <odeon/host/session.hpp>

namespace odeon::python {

nanobind::dict to_python(host::Solution&& solution);
nanobind::dict to_python(host::Gradients&& gradients);
nanobind::dict to_python(host::HessianProduct&& product);
nanobind::dict to_python(host::RunReport&& report);

}  // namespace odeon::python
