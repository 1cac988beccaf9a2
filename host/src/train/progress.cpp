#include "train/progress.hpp"

#include <unistd.h>

#include <boost/timer/progress_display.hpp>
#include <iostream>

namespace odeon::host {

struct Progress::Bar {
  Bar(const std::string& title, unsigned long steps)
      : display(steps, std::cerr, "\n" + title + "\n", "", "") {}
  boost::timer::progress_display display;
};

Progress::Progress(const std::string& title, int64_t steps, bool quiet) {
  if (!quiet && isatty(STDERR_FILENO)) bar_ = std::make_unique<Bar>(title, static_cast<unsigned long>(steps));
}
Progress::~Progress() = default;
void Progress::advance() {
  if (bar_) ++bar_->display;
}

}  // namespace odeon::host
