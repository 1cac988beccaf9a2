// Waits in a thread of its own.
#include <atomic>
#include <thread>

#include "spring.hpp"

namespace {
struct Threaded : specimen::Spring {
  using Spring::Spring;
  std::atomic<bool> done{false};
  std::thread waiting{[this] { done.wait(false); }};
  ~Threaded() {
    done = true;
    done.notify_all();
    waiting.join();
  }
};
}  // namespace

SPECIMEN_SPRING(Threaded)
