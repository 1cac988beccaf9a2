#include "conformance/isolated.hpp"

#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <thread>

#include "data/error.hpp"
#include "data/number_text.hpp"
#include "loader/host_table.hpp"

namespace odeon::host::conformance {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kWaitMilliseconds = 50;  // until the next look at the user's wish to stop
constexpr char kDone = '\n';           // ends what body returned

void write_all(int file, const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    const ssize_t n = write(file, text.data() + at, text.size() - at);
    if (n < 0 && errno != EINTR) return;
    if (n > 0) at += static_cast<size_t>(n);
  }
}

[[noreturn]] void be_child(int result, bool orderly, const std::function<std::string()>& body) {
  setpgid(0, 0);
  dup2(STDERR_FILENO, STDOUT_FILENO);  // a plugin that prints must not disturb the report
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  write_all(result, body() + kDone);
  if (orderly) std::exit(0);
  _exit(0);
}

// How a process ended that did not end well.
std::string end_of(int status, bool answered) {
  if (WIFSIGNALED(status))
    return "ended by signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
  if (WEXITSTATUS(status) != 0 || !answered)
    return "ended the process with status " + std::to_string(WEXITSTATUS(status));
  return "";
}

// The status of a process that ends by the deadline; none of one that has to be killed. Its own children go
// with it.
std::optional<int> reap(pid_t child, Clock::time_point deadline) {
  int status = 0;
  bool ended = false;
  do {
    ended = waitpid(child, &status, WNOHANG) == child;
    if (!ended) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  } while (!ended && Clock::now() < deadline && !cancel_requested());
  kill(-child, SIGKILL);
  if (!ended) waitpid(child, nullptr, 0);
  return ended ? std::optional(status) : std::nullopt;
}

}  // namespace

Outcome run_isolated(double seconds, bool orderly, const std::function<std::string()>& body) {
  int ends[2];
  if (pipe(ends) != 0) throw RunError(std::string("no pipe to a process of its own: ") + strerror(errno));
  std::cout.flush();
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw RunError(std::string("no process of its own: ") + strerror(errno));
  if (child == 0) {
    close(ends[0]);
    be_child(ends[1], orderly, body);
  }
  setpgid(child, child);
  close(ends[1]);
  const auto deadline =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  Outcome out;
  for (bool open = true; open && Clock::now() < deadline && !cancel_requested();) {
    pollfd wait{ends[0], POLLIN, 0};
    if (poll(&wait, 1, kWaitMilliseconds) > 0) {
      char buffer[4096];
      const ssize_t n = read(ends[0], buffer, sizeof buffer);
      if (n > 0) out.output.append(buffer, static_cast<size_t>(n));
      open = n > 0 || (n < 0 && errno == EINTR);
    }
  }
  close(ends[0]);
  const std::optional<int> status = reap(child, deadline);
  if (cancel_requested()) throw Cancelled();
  const bool answered = out.output.ends_with(kDone);
  out.broken = status ? end_of(*status, answered) : "still running after " + number_text(seconds) + " s";
  if (answered) out.output.pop_back();
  return out;
}

}  // namespace odeon::host::conformance
