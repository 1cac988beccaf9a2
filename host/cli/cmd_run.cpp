#include <ostream>

#include "commands.hpp"
#include "data/error.hpp"
#include "engine/failure.hpp"
#include "experiment/run.hpp"

namespace odeon::cli {

int run(const Args& args, std::ostream& out) {
  ExperimentArgs parsed = parse_experiment_args(
      args, out,
      "odeon run CONFIG [--set key.path=value]... [--with OVERRIDE.yaml]... [--output DIR] [--quiet]");
  if (parsed.help) return 0;
  const host::RunResult result = host::run_experiment(parsed.source, {parsed.output, parsed.quiet});
  if (!parsed.quiet) out << result.summary;
  return 0;
}

}  // namespace odeon::cli
