// Waits in a thread of its own as long as it lives; otherwise the component that it departs from.
#pragma once
#include <atomic>
#include <thread>

template <class Good>
struct Threaded : Good {
  using Good::Good;
  std::atomic<bool> done{false};
  std::thread waiting{[this] { done.wait(false); }};
  ~Threaded() {
    done = true;
    done.notify_all();
    waiting.join();
  }
};
