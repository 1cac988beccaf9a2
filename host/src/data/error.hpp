// The exceptions that the host throws inside; the edge (CLI, C ABI, embedding API) turns them into values.
#pragma once
#include <odeon/host/error.hpp>

namespace odeon::host {

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

// Another process of the same run has failed, and says why itself; code: its own.
class RankFailed : public Error {
 public:
  RankFailed(ExitCode code, const std::string& message);
};

}  // namespace odeon::host
