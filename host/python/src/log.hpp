// The log of the process, to a Python function.
#pragma once
#include <nanobind/nanobind.h>

#include <functional>
#include <odeon/host/session.hpp>

namespace odeon::python {

// For SessionOptions::log; calls log(level, text). Like that, of the whole process: the last one gets every
// line.
std::function<void(host::LogLevel, std::string_view)> log_to(nanobind::object log);

// Ends it, before the interpreter does.
void forget_log();

}  // namespace odeon::python
