// Exceptions inside a plugin, and the barrier that turns them into a status at its edge.
#pragma once
#include <odeon/host.h>

#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace odeon {

inline odeon_str to_str(std::string_view text) { return {text.data(), static_cast<int64_t>(text.size())}; }
inline std::string_view to_view(odeon_str text) {
  return text.data ? std::string_view(text.data, static_cast<size_t>(text.size)) : std::string_view();
}

// An error with the status it becomes, and optionally the place in the configuration (odeon_value.mark).
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, odeon_status status = ODEON_E_INVALID, int32_t mark = 0)
      : std::runtime_error(message), status_(status), mark_(mark) {}
  odeon_status status() const noexcept { return status_; }
  int32_t mark() const noexcept { return mark_; }

 private:
  odeon_status status_;
  int32_t mark_;
};

// A status that somebody else already explained through host->set_error; carried outwards as it is.
class StatusError : public std::exception {
 public:
  explicit StatusError(odeon_status status) : status_(status) {}
  odeon_status status() const noexcept { return status_; }
  const char* what() const noexcept override { return "status of a called component"; }

 private:
  odeon_status status_;
};

inline void check(odeon_status status) {
  if (status != ODEON_OK) throw StatusError(status);
}

// Runs body; no exception gets past. body returns void.
template <class Body>
odeon_status barrier(const odeon_host* host, Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return ODEON_OK;
  } catch (const Error& e) {
    if (host && e.mark() != 0) host->set_error_at(host, e.mark(), to_str(e.what()));
    if (host && e.mark() == 0) host->set_error(host, to_str(e.what()));
    return e.status();
  } catch (const StatusError& e) {
    return e.status();
  } catch (const std::bad_alloc&) {
    if (host) host->set_error(host, to_str("out of host memory; use a smaller batch or a coarser problem"));
    return ODEON_E_NO_MEMORY;
  } catch (const std::exception& e) {
    if (host) host->set_error(host, to_str(e.what()));
    return ODEON_E_INTERNAL;
  } catch (...) {
    if (host) host->set_error(host, to_str("an exception of unknown type; this is a bug of the plugin"));
    return ODEON_E_INTERNAL;
  }
}

}  // namespace odeon
