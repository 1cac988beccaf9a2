#include <nlohmann/json.hpp>
#include <ostream>

#include "commands.hpp"
#include "experiment/run.hpp"

namespace odeon::cli {

int validate(const Args& args, std::ostream& out) {
  const ExperimentArgs parsed = parse_experiment_args(
      args, out, "odeon validate CONFIG [--set key.path=value]... [--with OVERRIDE.yaml]...");
  if (parsed.help) return 0;
  out << host::validate_experiment(parsed.source);
  return 0;
}

}  // namespace odeon::cli
