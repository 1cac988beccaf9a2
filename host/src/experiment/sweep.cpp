#include "experiment/sweep.hpp"

#include <algorithm>
#include <filesystem>

#include "data/error.hpp"
#include "experiment/literals.hpp"
#include "experiment/sections.hpp"
#include "experiment/sweep_table.hpp"

namespace odeon::host {
namespace {

using Json = nlohmann::ordered_json;

constexpr odeon_option kConfig =
    make_option(ODEON_OPTION_STRING, str("config"), kNoText,
                str("A configuration, from the folder of this one."), kRequired | ODEON_OPTION_SHORTHAND);
constexpr odeon_option kName = make_option(ODEON_OPTION_STRING, str("name"), kNoText,
                                           str("Of its folder of results; without, that of the file."));
constexpr odeon_option kSet =
    make_option(kOverSection, str("set"), kNoText, str("Values over those of the file."));

// One experiment of a sweep, with the sweep's backend over its own.
struct Entry {
  std::string name, path;  // name: of its folder
  ConfigNode root;
  Json cited = Json::object();
};

Json read_cited(const ConfigNode& node) {
  check_keys(node, "'cite'", cite_section());
  Json cited = Json::object();
  for (const auto& [metric, value] : node.entries) cited[metric] = read_real(value, "'" + metric + "'");
  return cited;
}

// An entry of `runs`: a file, or {config: file, name, set: {values over the file's}, cite: {metric: number}}.
Entry read_entry(const ConfigNode& item) {
  const bool whole = item.kind == ConfigNode::Kind::map;
  if (whole) check_keys(item, "an entry of 'runs'", runs_section());
  const ConfigNode& file = whole ? require_key(item, "an entry of 'runs'", "config") : item;
  Entry entry;
  entry.path = (read_text(file, "an entry of 'runs'"), resolve_path(file));
  entry.name = std::filesystem::path(entry.path).stem().string();
  try {
    entry.root = load_source({entry.path, {}, {}});
  } catch (const ConfigError& error) {
    throw ConfigError(file.where + ": an entry of 'runs' cannot be read: " + error.what());
  }
  if (const ConfigNode* name = whole ? item.find("name") : nullptr) {
    entry.name = read_text(*name, "'name'");
    if (entry.name.empty() || entry.name.find('/') != std::string::npos || entry.name.starts_with('.'))
      throw ConfigError(name->where +
                        ": 'name' must be that of a folder, without '/' and '.' in front; found '" +
                        entry.name + "'");
  }
  if (const ConfigNode* set = whole ? item.find("set") : nullptr) {
    if (set->kind != ConfigNode::Kind::map)
      throw ConfigError(set->where + ": 'set' must be a map of values over those of the file; found " +
                        describe(*set));
    merge(entry.root, *set);
  }
  if (const ConfigNode* cite = whole ? item.find("cite") : nullptr) entry.cited = read_cited(*cite);
  const ConfigNode* task = entry.root.find("task");
  if (task && task->text == "sweep")
    throw ConfigError(file.where + ": an entry of 'runs' must be one experiment, but " + entry.path +
                      " is a sweep; list its runs here");
  refuse_plugins(entry.root);
  if (const ConfigNode* communicator = entry.root.find("communicator"))
    throw ConfigError(
        communicator->key_where +
        ": a sweep is one process, in which 'communicator' has no effect; remove it, or run this "
        "file by itself");
  return entry;
}

std::vector<Entry> read_entries(const Experiment& e) {
  const ConfigNode& runs = require_key(e.root, "task sweep", "runs");
  if (runs.kind != ConfigNode::Kind::list || runs.items.empty())
    throw ConfigError(runs.where + ": 'runs' must be a list of configuration files; found " + describe(runs));
  std::vector<Entry> entries;
  for (const ConfigNode& item : runs.items) {
    Entry entry = read_entry(item);
    for (const Entry& other : entries)
      if (other.name == entry.name)
        throw ConfigError(
            item.where + ": two entries of 'runs' are named '" + entry.name +
            "' and would write into the same folder; rename one file, or give it another 'name'");
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

const odeon_option& runs_section() {
  static const odeon_option* const keys[] = {&kConfig, &kName, &kSet, &cite_section()};
  static const odeon_option section = with_children(
      make_option(kListSection, str("runs"), kNoText,
                  str("Configuration files, or maps with values over theirs: {config: a.yaml, set: {…}}."),
                  kRequired),
      keys);
  return section;
}

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
  std::vector<SweepLine> lines;
  std::vector<std::string> failed;
  for (const Entry& entry : read_entries(e)) {
    RunSettings inner = settings;
    inner.output = folder.empty() ? "" : folder + "/" + entry.name;
    inner.failure_is_result = false;
    Json& of_run = result.record["runs"].emplace_back(Json{{"name", entry.name}, {"config", entry.path}});
    if (!entry.cited.empty()) of_run["cited"] = entry.cited;
    const ConfigNode* titled = entry.root.find("title");
    lines.push_back({titled ? read_text(*titled, "'title'") : entry.name, Json::object(), entry.cited});
    try {
      const RunResult run = run_tree(entry.root, entry.path, inner, registry);
      lines.back().metrics = metrics_of(run);
      lines.back().last_states = last_states_of(run);
    } catch (const Cancelled&) {
      throw;
    } catch (const RankFailed&) {
      throw;
    } catch (const Error& error) {  // the others are worth having
      of_run["message"] = error.what();
      failed.push_back(entry.name + ": " + error.what());
    }
  }
  add_differences(lines);
  for (size_t i = 0; i < lines.size(); ++i) result.record["runs"][i]["metrics"] = lines[i].metrics;
  if (!failed.empty()) {
    result.failure_text = std::to_string(failed.size()) + " of " + std::to_string(lines.size()) +
                          " runs failed; the first one, " + failed.front();
    result.failure = Failure{failed.front(), "mend that run, or take it out of the sweep"};
    result.record["status"] = "failed";
    result.record["message"] = result.failure_text;
  }
  result.summary = sweep_table(lines);
  result.texts.emplace_back("table.csv", sweep_csv(lines));
  return result;
}

}  // namespace odeon::host
