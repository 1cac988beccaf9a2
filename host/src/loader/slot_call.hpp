// Calls into components. No exception may leave a plugin; the host does not rely on it: every slot is called
// through one of these, and an exception that does get out becomes a PluginError that names the component.
#pragma once
#include "loader/host_table.hpp"

namespace odeon::host {

// For the exception being handled.
[[noreturn]] void throw_escaped(std::string_view who);
void log_escaped(std::string_view who) noexcept;

// The slot's result as it is. who: "backend 'cpu'".
template <class Result, class... Parameters, class... Args>
Result call_slot(std::string_view who, Result (*slot)(Parameters...), Args&&... args) {
  try {
    return slot(std::forward<Args>(args)...);
  } catch (...) {
    throw_escaped(who);
  }
}

// Throws unless the slot succeeds (see check_call).
template <class... Parameters, class... Args>
void call(std::string_view who, odeon_status (*slot)(Parameters...), Args&&... args) {
  check_call(call_slot(who, slot, std::forward<Args>(args)...), who);
}

// For slots that give something back, in destructors: what escapes is logged.
template <class... Parameters, class... Args>
void call_release(std::string_view who, void (*slot)(Parameters...), Args&&... args) noexcept {
  try {
    slot(std::forward<Args>(args)...);
  } catch (...) {
    log_escaped(who);
  }
}

}  // namespace odeon::host
