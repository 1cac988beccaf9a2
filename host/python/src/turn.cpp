#include "turn.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

namespace odeon::python {

void Turn::take(const char* what) {
  constexpr std::chrono::milliseconds kSignalInterval{50};
  if (holder_ == std::this_thread::get_id())
    throw std::runtime_error(std::string("this ") + what +
                             " is already at work in this thread: a function that it "
                             "calls (field, event or log) called it again; use another " +
                             what + " there");
  for (bool mine = mutex_.try_lock(); !mine;) {
    check_signals();
    const nanobind::gil_scoped_release released;
    mine = mutex_.try_lock_for(kSignalInterval);
  }
  holder_ = std::this_thread::get_id();
}

}  // namespace odeon::python
