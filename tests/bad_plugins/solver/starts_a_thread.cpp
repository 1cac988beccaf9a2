// Waits in a thread of its own.
#include <atomic>
#include <thread>

#include "heun.hpp"

namespace {
struct Threaded : Heun {
  using Heun::Heun;
  std::atomic<bool> done{false};
  std::thread waiting{[this] { done.wait(false); }};
  ~Threaded() {
    done = true;
    done.notify_all();
    waiting.join();
  }
};
}  // namespace

SPECIMEN_HEUN(Threaded)
