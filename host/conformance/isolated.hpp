// Work in a process of its own: whatever a plugin does there, this process goes on.
#pragma once
#include <functional>
#include <string>

namespace odeon::host::conformance {

struct Outcome {
  std::string output;  // what body returned
  std::string broken;  // how the process ended instead; empty when body returned
};

// body runs in a fork of this process, which must have a single thread. orderly: the process ends by exit,
// through whatever plugins have registered for it, and that counts too. Throws Cancelled when the user does
// not want to wait.
Outcome run_isolated(double seconds, bool orderly, const std::function<std::string()>& body);

}  // namespace odeon::host::conformance
