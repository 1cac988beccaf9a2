// A progress bar on a terminal (Boost.Timer's), nothing elsewhere.
#pragma once
#include <memory>
#include <string>

namespace odeon::host {

class Progress {
 public:
  Progress(const std::string& title, int64_t steps, bool quiet);
  ~Progress();
  void advance();

 private:
  struct Bar;
  std::unique_ptr<Bar> bar_;
};

}  // namespace odeon::host
