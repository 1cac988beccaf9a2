#include "loader/host_table.hpp"

#include <atomic>
#include <iostream>
#include <map>
#include <mutex>
#include <odeon/sdk/error.hpp>
#include <vector>

#include "data/error.hpp"
#include "loader/marks.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

std::atomic<bool> cancel_flag{false};
static_assert(std::atomic<bool>::is_always_lock_free, "request_cancel runs in signal handlers");
thread_local std::string last_error;
thread_local bool last_error_has_mark = false;
thread_local std::exception_ptr kept;

struct Shared {
  std::mutex mutex;
  LogSink sink;
  std::string process_name;
  std::map<std::string, const void*, std::less<>> extensions;
  std::map<std::string, int32_t> marks;    // from 1, in the order in which places came
  std::vector<const std::string*> places;  // keys of `marks`
};
Shared& shared() {
  static Shared* s = new Shared;  // components may log while the process ends
  return *s;
}

std::string prefix_of(const std::string& process_name) {
  return process_name.empty() ? "" : process_name + ": ";
}

void table_log(const odeon_host*, int32_t level, odeon_str text) { log(level, std::string(to_view(text))); }
void table_set_error(const odeon_host*, odeon_str text) {
  last_error = to_view(text);
  last_error_has_mark = false;
}
void table_set_error_at(const odeon_host*, int32_t mark, odeon_str text) {
  const std::string where = mark_text(mark);
  last_error = (where.empty() ? "" : where + ": ") + std::string(to_view(text));
  last_error_has_mark = !where.empty();
}
int32_t table_poll_cancel(const odeon_host*) { return cancel_requested(); }
const void* table_get_ext(const odeon_host*, odeon_str id) {
  const std::lock_guard lock(shared().mutex);
  const auto at = shared().extensions.find(to_view(id));
  return at == shared().extensions.end() ? nullptr : at->second;
}

constexpr odeon_host kTable{sizeof(odeon_host), ODEON_ABI_MINOR,   table_log,     table_set_error,
                            table_set_error_at, table_poll_cancel, table_get_ext, nullptr};

}  // namespace

const odeon_host& host_table() { return kTable; }

void set_log_sink(LogSink sink) {
  const std::lock_guard lock(shared().mutex);
  shared().sink = std::move(sink);
}

void log(int32_t level, const std::string& text) {
  const std::lock_guard lock(shared().mutex);
  if (shared().sink) return shared().sink(level, text);
  if (level >= ODEON_LOG_WARNING)
    std::cerr << (level == ODEON_LOG_WARNING ? "warning: " : "error: ") << prefix_of(shared().process_name)
              << text << '\n';
}

void set_process_name(const std::string& name) {
  const std::lock_guard lock(shared().mutex);
  shared().process_name = name;
}
std::string process_prefix() {
  const std::lock_guard lock(shared().mutex);
  return prefix_of(shared().process_name);
}

void register_host_extension(const std::string& id, const void* table) {
  const std::lock_guard lock(shared().mutex);
  shared().extensions[id] = table;
}

void request_cancel() noexcept { cancel_flag.store(true, std::memory_order_relaxed); }
void clear_cancel() noexcept { cancel_flag.store(false, std::memory_order_relaxed); }
bool cancel_requested() noexcept { return cancel_flag.load(std::memory_order_relaxed); }

void keep_exception(std::exception_ptr error) { kept = std::move(error); }

namespace {
std::string escaped_text(std::string_view who) {
  const std::string rule = std::string(who) + ": an exception left the plugin, which none may";
  try {
    throw;
  } catch (const std::exception& e) {
    return rule + "; found '" + e.what() + "'; catch it there (odeon::barrier) and return a status";
  } catch (...) {
    return rule + "; found one of unknown type; catch it there (odeon::barrier) and return a status";
  }
}
}  // namespace

void throw_escaped(std::string_view who) {
  // The host's own exception, if one was on its way out through the component, is the cause.
  if (kept) std::rethrow_exception(std::exchange(kept, nullptr));
  throw PluginError(escaped_text(who));
}

void log_escaped(std::string_view who) noexcept {
  try {
    log(ODEON_LOG_ERROR, escaped_text(who));
  } catch (...) {  // a log sink that throws has nobody left to tell
  }
}

std::string take_error_text() {
  last_error_has_mark = false;
  return std::exchange(last_error, std::string());
}

void check_call(odeon_status status, std::string_view what) {
  if (status >= 0 && status != ODEON_CANCELLED) return;
  if (kept) std::rethrow_exception(std::exchange(kept, nullptr));
  if (status == ODEON_CANCELLED) throw Cancelled();
  const bool has_mark = last_error_has_mark;
  const std::string text = take_error_text();
  const std::string message =
      has_mark || text.starts_with(what)
          ? text
          : std::string(what) + ": " +
                (text.empty() ? "failed with status " + std::to_string(status) + " and gave no reason"
                              : text);
  if (status == ODEON_E_INVALID || status == ODEON_E_UNSUPPORTED) throw ConfigError(message);
  if (status == ODEON_E_INTERNAL) throw PluginError(message);
  throw RunError(message);
}

int32_t add_mark(const std::string& where) {
  const std::lock_guard lock(shared().mutex);
  const auto [at, added] = shared().marks.try_emplace(where, 0);
  if (added) {
    shared().places.push_back(&at->first);
    at->second = static_cast<int32_t>(shared().places.size());
  }
  return at->second;
}

std::string mark_text(int32_t mark) {
  const std::lock_guard lock(shared().mutex);
  const auto& places = shared().places;
  return mark > 0 && static_cast<size_t>(mark) <= places.size() ? *places[size_t(mark) - 1] : "";
}

}  // namespace odeon::host
