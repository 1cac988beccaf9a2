// Waits in a thread of its own.
#include <atomic>
#include <thread>

#include "differences.hpp"

namespace {
struct Threaded : specimen::Strategy {
  using Strategy::Strategy;
  std::atomic<bool> done{false};
  std::thread waiting{[this] { done.wait(false); }};
  ~Threaded() {
    done = true;
    done.notify_all();
    waiting.join();
  }
};
}  // namespace

SPECIMEN_STRATEGY(Threaded)
