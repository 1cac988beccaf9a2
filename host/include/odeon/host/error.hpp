// The one exception type of the library.
#pragma once
#include <odeon/abi.h>

#include <stdexcept>
#include <string>

namespace odeon::host {

// Also the exit statuses of the program `odeon`.
enum class ExitCode : int { done = 0, run_failed = 1, bad_configuration = 2, bad_plugin = 3 };

// Every message is a full sentence that names the place, the rule, what was found, and the remedy.
class ODEON_EXPORT Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

}  // namespace odeon::host
