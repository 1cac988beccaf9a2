#include "interrupt.hpp"

#include <nanobind/nanobind.h>

#include <atomic>
#include <csignal>
#include <odeon/host/cancel.hpp>

namespace odeon::python {
namespace {

int alive = 0;  // guarded by the GIL
bool installed = false;
struct sigaction previous;
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "read and written in a signal handler");

void on_interrupt(int signal) {
  interrupted = true;
  host::request_cancel();
  previous.sa_handler(signal);
}

bool is_function(const struct sigaction& action) {
  return !(action.sa_flags & SA_SIGINFO) && action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

}  // namespace

Interrupts::Interrupts() {
  if (alive++ > 0) return;
  sigaction(SIGINT, nullptr, &previous);
  if (!is_function(previous)) return;
  struct sigaction ours = previous;
  ours.sa_handler = on_interrupt;
  installed = sigaction(SIGINT, &ours, nullptr) == 0;
}

Interrupts::~Interrupts() {
  if (--alive > 0) return;
  struct sigaction now;
  // Another handler than ours came while we were there (signal.signal in a callback): it stays.
  if (installed && sigaction(SIGINT, nullptr, &now) == 0 && is_function(now) &&
      now.sa_handler == on_interrupt)
    sigaction(SIGINT, &previous, nullptr);
  installed = false;
  if (interrupted.exchange(false)) host::clear_cancel();
}

void check_signals() {
  if (PyErr_CheckSignals() != 0) throw nanobind::python_error();
}

}  // namespace odeon::python
