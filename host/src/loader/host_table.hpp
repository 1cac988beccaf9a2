// The C table that components get from the host, and the way back: statuses become exceptions here.
#pragma once
#include <odeon/host.h>

#include <exception>
#include <functional>
#include <odeon/host/cancel.hpp>
#include <string>
#include <string_view>

namespace odeon::host {

const odeon_host& host_table();

// Where components' log lines go; by default warnings and errors go to stderr.
using LogSink = std::function<void(int32_t level, std::string_view text)>;
void set_log_sink(LogSink sink);
void log(int32_t level, const std::string& text);

// What this process is called in its messages, such as "rank 1 of 2"; at first nothing.
void set_process_name(const std::string& name);
// "rank 1 of 2: " or nothing: in front of messages to people.
std::string process_prefix();

// Tables of host extensions, by id; registered once, before components are created.
void register_host_extension(const std::string& id, const void* table);

bool cancel_requested() noexcept;

// An exception of the host that has to pass through a component's C frames: kept for this thread and
// thrown again by check_call.
void keep_exception(std::exception_ptr error);

// What a component said last through set_error, which is forgotten then; for soft outcomes, which nobody
// throws.
std::string take_error_text();

// Throws for statuses < 0 and for ODEON_CANCELLED; `what` is who was called: "backend 'cpu'".
void check_call(odeon_status status, std::string_view what);

}  // namespace odeon::host
