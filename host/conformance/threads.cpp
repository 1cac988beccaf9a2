#include "conformance/threads.hpp"

#include <filesystem>

#include "conformance/subject.hpp"

namespace odeon::host::conformance {

int thread_count() {
  const std::filesystem::directory_iterator tasks("/proc/self/task"), end;
  return static_cast<int>(std::distance(tasks, end));
}

// The process of a check begins with one thread; a backend with threads brings them when it is opened.
ThreadWatch::ThreadWatch(const Subject& s)
    : expected_(s.open_backend()->info().threads > 1 ? thread_count() : 1) {}

Finding ThreadWatch::verdict(int most) const {
  if (most > expected_)
    return fail(std::to_string(most - expected_) +
                (most - expected_ == 1 ? " more thread" : " more threads"));
  return pass("none");
}

}  // namespace odeon::host::conformance
