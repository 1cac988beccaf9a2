// The exceptions that the host throws inside; the edge (CLI, C ABI, embedding API) turns them into values.
#pragma once
#include <stdexcept>
#include <string>

namespace odeon::host {

// Exit status of the program for an error of this class (design, section 6).
enum class ExitCode : int { done = 0, run_failed = 1, bad_configuration = 2, bad_plugin = 3 };

// Every message is a full sentence that names the place, the rule, what was found, and the remedy.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

// A run that could not be carried out (file unreadable, out of memory, solver gave up).
class RunError : public Error {
 public:
  explicit RunError(const std::string& message);
};

// A configuration or command line that breaks a rule.
class ConfigError : public Error {
 public:
  explicit ConfigError(const std::string& message);
};

// A plugin that was refused, or that misbehaved.
class PluginError : public Error {
 public:
  explicit PluginError(const std::string& message);
};

// The user asked to stop; what was done so far is kept.
class Cancelled : public RunError {
 public:
  Cancelled();
};

}  // namespace odeon::host
