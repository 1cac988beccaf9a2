#include "experiment/sweep.hpp"

#include <cstdio>
#include <filesystem>

#include "data/error.hpp"
#include "experiment/literals.hpp"

namespace odeon::host {
namespace {

using Json = nlohmann::ordered_json;

double number(const Json& metrics, const char* key) {
  return metrics.contains(key) ? metrics[key].get<double>() : 0;
}

std::string table_row(const Json& m) {
  char text[256];
  std::snprintf(text, sizeof text, "%-12s %9.2f %% %11lld %12.1f %9.1f %9.1f %10.2f\n",
                m.value("title", "?").c_str(), 100 * number(m, "test_error"),
                static_cast<long long>(number(m, "parameters")), number(m, "backward_memory_bytes") / 1024,
                number(m, "evaluations_per_batch"), number(m, "vjps_per_batch"),
                number(m, "seconds_per_epoch"));
  return text;
}

}  // namespace

RunResult run_sweep(const Experiment& e, const Registry& registry, const RunSettings& settings,
                    const std::string& folder) {
  const ConfigNode& runs = require_key(e.root, "task sweep", "runs");
  if (runs.kind != ConfigNode::Kind::list || runs.items.empty())
    throw ConfigError(runs.where + ": 'runs' must be a list of configuration files; found " + describe(runs));
  RunResult result;
  result.record = record_head(e);
  result.record["runs"] = Json::array();
  char head[256];
  std::snprintf(head, sizeof head, "%-12s %11s %11s %12s %9s %9s %10s\n%-12s %11s %11s %12s %9s %9s %10s\n",
                "model", "test error", "parameters", "memory", "evals", "vjps", "s/epoch", "", "", "",
                "backward KiB", "forward", "backward", "");
  result.summary = head;
  for (const ConfigNode& item : runs.items) {
    const std::string path = resolve_path((read_text(item, "an entry of 'runs'"), item));
    const std::string name = std::filesystem::path(path).stem().string();
    RunSettings inner = settings;
    inner.output = folder.empty() ? "" : folder + "/" + name;
    inner.failure_is_result = false;
    const RunResult run = run_experiment({path, {}, {}}, inner, registry);
    if (run.record.contains("metrics")) result.summary += table_row(run.record["metrics"]);
    result.record["runs"].push_back(
        {{"config", path}, {"metrics", run.record.value("metrics", Json::object())}});
  }
  return result;
}

}  // namespace odeon::host
