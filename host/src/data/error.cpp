#include "data/error.hpp"

namespace odeon::host {

RunError::RunError(const std::string& message) : Error(ExitCode::run_failed, message) {}
ConfigError::ConfigError(const std::string& message) : Error(ExitCode::bad_configuration, message) {}
PluginError::PluginError(const std::string& message) : Error(ExitCode::bad_plugin, message) {}
RankFailed::RankFailed(ExitCode code, const std::string& message) : Error(code, message) {}
Cancelled::Cancelled() : RunError("cancelled on request") {}

}  // namespace odeon::host
