#include "log.hpp"

#include <atomic>

#include "arrays.hpp"

namespace odeon::python {
namespace {

// The sink stays with libodeon until the process ends, so it owns nothing of Python.
PyObject* receiver = nullptr;  // guarded by the GIL
std::atomic<bool> listening{false};

const char* name_of(host::LogLevel level) {
  switch (level) {
    case host::LogLevel::debug:
      return "debug";
    case host::LogLevel::info:
      return "info";
    case host::LogLevel::warning:
      return "warning";
    default:
      return "error";
  }
}

void receive(host::LogLevel level, std::string_view text) {
  if (!listening || !Py_IsInitialized()) return;
  const nb::gil_scoped_acquire gil;
  if (!receiver) return;
  const nb::object log = nb::borrow(receiver);
  try {
    log(name_of(level), to_str(text));
  } catch (nb::python_error& e) {  // a plugin's frames may lie between here and the program
    e.discard_as_unraisable(log);
  }
}

void set_receiver(PyObject* log) {
  PyObject* last = std::exchange(receiver, log);
  listening = log != nullptr;
  Py_XDECREF(last);
}

}  // namespace

std::function<void(host::LogLevel, std::string_view)> log_to(nb::object log) {
  set_receiver(log.release().ptr());
  return receive;
}

void forget_log() { set_receiver(nullptr); }

}  // namespace odeon::python
