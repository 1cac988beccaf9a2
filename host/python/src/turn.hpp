// Calls of Odeon from Python: without the GIL, one at a time on each object.
#pragma once
#include <nanobind/nanobind.h>

#include <atomic>
#include <mutex>
#include <odeon/host/error.hpp>
#include <thread>

#include "interrupt.hpp"

namespace odeon::python {

// Who is using a Session or a Problem. Others wait; Ctrl-C ends the wait.
class Turn {
 public:
  // Called with the GIL. Throws std::runtime_error from within the same object's own call.
  void take(const char* what);
  void give_back() {
    holder_ = std::thread::id();
    mutex_.unlock();
  }

 private:
  std::timed_mutex mutex_;
  std::atomic<std::thread::id> holder_{};
};

// body() without the GIL, on its turn. Ctrl-C meanwhile raises KeyboardInterrupt.
template <class Body>
auto without_gil(Turn& turn, const char* what, Body&& body) {
  turn.take(what);
  struct Back {
    Turn& turn;
    ~Back() { turn.give_back(); }
  } back{turn};
  const Interrupts interrupts;
  check_signals();  // one that came before `interrupts` did
  try {
    auto result = [&] {
      const nanobind::gil_scoped_release released;
      return body();
    }();
    check_signals();
    return result;
  } catch (const host::Error&) {
    check_signals();  // "cancelled", when the cause is Ctrl-C
    throw;
  }
}

}  // namespace odeon::python
