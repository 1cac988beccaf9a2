// Runs the built program `odeon` in its own process.
#pragma once
#include <string>
#include <vector>

namespace odeon::test {

struct Outcome {
  int status = -1;  // exit status
  std::string out, err;
};

Outcome run_odeon(const std::vector<std::string>& args);

// Starts it, waits until the file or folder `sign` appears, sends SIGINT and waits for the end.
Outcome interrupt_odeon(const std::vector<std::string>& args, const std::string& sign);

}  // namespace odeon::test
