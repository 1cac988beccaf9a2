// The host's side of a call from a component.
#pragma once
#include <odeon/sdk/error.hpp>

#include "data/error.hpp"
#include "loader/host_table.hpp"

namespace odeon::host {

// Host exceptions cannot pass through a component's frames: they wait in this thread, and check_call of the
// host code that called the component throws them again.
template <class Body>
odeon_status services_edge(Body&& body) {
  try {
    body();
    return ODEON_OK;
  } catch (const Cancelled&) {
    keep_exception(std::current_exception());
    return ODEON_CANCELLED;
  } catch (const std::exception& e) {
    keep_exception(std::current_exception());
    host_table().set_error(&host_table(), to_str(e.what()));
    return ODEON_E_SOLVE_FAILED;
  } catch (...) {  // of an embedding program's field
    keep_exception(std::current_exception());
    return ODEON_E_SOLVE_FAILED;
  }
}

}  // namespace odeon::host
