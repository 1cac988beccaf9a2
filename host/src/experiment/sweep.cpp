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

// One experiment of a sweep, with the sweep's backend over its own.
struct Entry {
  std::string name, path;  // name: of its folder
  ConfigNode root;
};

std::vector<Entry> read_entries(const Experiment& e) {
  const ConfigNode& runs = require_key(e.root, "task sweep", "runs");
  if (runs.kind != ConfigNode::Kind::list || runs.items.empty())
    throw ConfigError(runs.where + ": 'runs' must be a list of configuration files; found " + describe(runs));
  std::vector<Entry> entries;
  for (const ConfigNode& item : runs.items) {
    Entry entry;
    entry.path = (read_text(item, "an entry of 'runs'"), resolve_path(item));
    entry.name = std::filesystem::path(entry.path).stem().string();
    for (const Entry& other : entries)
      if (other.name == entry.name)
        throw ConfigError(item.where + ": two entries of 'runs' are named '" + entry.name +
                          "' and would write into the same folder; rename one file");
    try {
      entry.root = load_source({entry.path, {}, {}});
    } catch (const ConfigError& error) {
      throw ConfigError(item.where + ": an entry of 'runs' cannot be read: " + error.what());
    }
    const ConfigNode* task = entry.root.find("task");
    if (task && task->text == "sweep")
      throw ConfigError(item.where + ": an entry of 'runs' must be one experiment, but " + entry.path +
                        " is a sweep; list its runs here");
    refuse_plugins(entry.root);
    if (const ConfigNode* backend = e.root.find("backend")) {
      ConfigNode deployment;
      deployment.kind = ConfigNode::Kind::map;
      deployment.entries.push_back({"backend", *backend});
      merge(entry.root, deployment);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

std::string check_sweep(const Experiment& e, const Registry& registry) {
  std::string text;
  for (const Entry& entry : read_entries(e)) {
    check_experiment(read_experiment(entry.root, entry.path, registry), registry);
    text += entry.path + ": valid\n";
  }
  return text;
}

RunResult run_sweep(const Experiment& e, const Registry& registry, const RunSettings& settings,
                    const std::string& folder) {
  RunResult result;
  result.record = record_head(e);
  result.record["runs"] = Json::array();
  char head[256];
  std::snprintf(head, sizeof head, "%-12s %11s %11s %12s %9s %9s %10s\n%-12s %11s %11s %12s %9s %9s %10s\n",
                "model", "test error", "parameters", "memory", "evals", "vjps", "s/epoch", "", "", "",
                "backward KiB", "forward", "backward", "");
  result.summary = head;
  for (const Entry& entry : read_entries(e)) {
    RunSettings inner = settings;
    inner.output = folder.empty() ? "" : folder + "/" + entry.name;
    inner.failure_is_result = false;
    const RunResult run = run_tree(entry.root, entry.path, inner, registry);
    if (run.record.contains("metrics")) result.summary += table_row(run.record["metrics"]);
    result.record["runs"].push_back(
        {{"config", entry.path}, {"metrics", run.record.value("metrics", Json::object())}});
  }
  return result;
}

}  // namespace odeon::host
