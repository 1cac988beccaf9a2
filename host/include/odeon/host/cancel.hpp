// Stopping whatever runs in this process, e.g. from a signal handler.
#pragma once
#include <odeon/abi.h>

namespace odeon::host {

// Integrations end at their next step and report "cancelled" as their failure. Any thread; safe in a signal
// handler. In force until clear_cancel.
ODEON_EXPORT void request_cancel() noexcept;
ODEON_EXPORT void clear_cancel() noexcept;

}  // namespace odeon::host
