// odeon._core: the embedding API (odeon/host/) for the Python half of the package, which checks what users
// give and documents it.
#include <nanobind/nanobind.h>

#include <odeon/host/cancel.hpp>
#include <odeon/host/error.hpp>

#include "arrays.hpp"
#include "bindings.hpp"

namespace {

namespace nb = nanobind;

// odeon::host::Error becomes odeon.Error with its exit code.
void translate(const std::exception_ptr& error, void*) {
  try {
    std::rethrow_exception(error);
  } catch (const odeon::host::Error& e) {
    const nb::object type = nb::module_::import_("odeon.error").attr("Error");
    const nb::object value = type(odeon::python::to_str(e.what()), static_cast<int>(e.code()));
    PyErr_SetObject(type.ptr(), value.ptr());
  }
}

}  // namespace

NB_MODULE(_core, m) {
  // A field that refers to its session makes a cycle that ends with the process.
  nb::set_leak_warnings(false);
  nb::register_exception_translator(translate);
  m.attr("version") = ODEON_VERSION;
  m.def("request_cancel", &odeon::host::request_cancel,
        "Ends what Odeon computes in this process, in any thread, at its next step: it fails with "
        "\"cancelled\". In "
        "force until clear_cancel.");
  m.def("clear_cancel", &odeon::host::clear_cancel, "Lets Odeon compute again.");
  odeon::python::bind_dense_solution(m);
  odeon::python::bind_problem(m);
  odeon::python::bind_session(m);
}
