#include "experiment/sweep.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "data/error.hpp"
#include "experiment/literals.hpp"

namespace odeon::host {
namespace {

using Json = nlohmann::ordered_json;

// A column of the table: two lines of head, and one metric of a run.
struct Column {
  const char *head, *unit, *metric;
  double scale;
  int digits;
};
constexpr Column kColumns[] = {
    {"test error", "%", "test_error", 100, 2},
    {"parameters", "", "parameters", 1, 0},
    {"backward memory", "KiB", "backward_memory_bytes", 1.0 / 1024, 1},
    {"evaluations", "per batch", "evaluations_per_batch", 1, 1},
    {"backward vjps", "per batch", "vjps_per_batch", 1, 1},
    {"time", "s per epoch", "seconds_per_epoch", 1, 3},
};
constexpr size_t kTitleWidth = 12;

std::string padded(std::string cell, size_t width, bool right) {
  cell.insert(right ? 0 : cell.size(), width > cell.size() ? width - cell.size() : 0, ' ');
  return cell;
}

size_t width_of(const Column& c) {
  return std::max(std::string_view(c.head).size(), std::string_view(c.unit).size());
}

std::string table_line(const std::string& title, const auto& cell_of) {
  std::string line = padded(title, kTitleWidth, false);
  for (const Column& c : kColumns) line += "  " + padded(cell_of(c), width_of(c), true);
  return line + "\n";
}

std::string table_head() {
  return table_line("model", [](const Column& c) { return std::string(c.head); }) +
         table_line("", [](const Column& c) { return std::string(c.unit); });
}

// What a run has no number for, such as evaluations without an ode block, is '-'.
std::string table_row(const std::string& name, const Json& metrics) {
  return table_line(metrics.value("title", name), [&](const Column& c) {
    if (!metrics.contains(c.metric)) return std::string("-");
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", c.digits, c.scale * metrics[c.metric].get<double>());
    return std::string(text);
  });
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
  result.summary = table_head();
  for (const Entry& entry : read_entries(e)) {
    RunSettings inner = settings;
    inner.output = folder.empty() ? "" : folder + "/" + entry.name;
    inner.failure_is_result = false;
    const RunResult run = run_tree(entry.root, entry.path, inner, registry);
    const Json metrics = run.record.value("metrics", Json::object());
    result.summary += table_row(entry.name, metrics);
    result.record["runs"].push_back({{"config", entry.path}, {"metrics", metrics}});
  }
  return result;
}

}  // namespace odeon::host
