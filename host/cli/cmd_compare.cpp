// odeon compare CONFIG: gradient strategies side by side.
#include <boost/algorithm/string/split.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <ostream>

#include "commands.hpp"
#include "experiment/compare.hpp"

namespace odeon::cli {

int compare(const Args& args, std::ostream& out) {
  std::string gradients = "all";
  const ExperimentArgs parsed = parse_experiment_args(
      args, out,
      "odeon compare CONFIG [--gradients all|ID,ID...] [--set key.path=value]... [--with OVERRIDE.yaml]... "
      "[--output DIR] [--quiet]",
      {{"gradients", &gradients, "which strategies: all that are installed (default), or ids with commas"}});
  if (parsed.help) return 0;
  std::vector<std::string> ids;
  if (gradients != "all") boost::split(ids, gradients, [](char c) { return c == ','; });
  for (std::string& id : ids) boost::trim(id);
  const host::GradientComparison comparison = host::compare_gradients(parsed.source, ids, parsed.output);
  if (!parsed.quiet) out << comparison.text();
  return 0;
}

}  // namespace odeon::cli
