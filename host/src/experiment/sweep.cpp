#include "experiment/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "data/error.hpp"
#include "experiment/literals.hpp"
#include "experiment/sections.hpp"

namespace odeon::host {
namespace {

using Json = nlohmann::ordered_json;

// A column of the table: two lines of head, and one metric of a run.
struct Column {
  const char *head, *unit, *metric;
  double scale;
  int digits;  // behind the point; of 1.2e-03 where negative
};
constexpr Column kColumns[] = {
    {"test error", "%", "test_error", 100, 2},
    {"error within", "window, rms", "rmse_window", 1, 4},
    {"error beyond", "window, rms", "rmse", 1, 4},
    {"held out", "NLL, nats", "held_out_nll", 1, 4},
    {"error of", "trajectory", "trajectory_error", 1, 4},
    {"difference", "from last", "difference", 1, -2},
    {"parameters", "", "parameters", 1, 0},
    {"backward memory", "KiB", "backward_memory_bytes", 1.0 / 1024, 1},
    {"evaluations", "per batch", "evaluations_per_batch", 1, 1},
    {"backward vjps", "per batch", "vjps_per_batch", 1, 1},
    {"time", "s per epoch", "seconds_per_epoch", 1, 3},
    {"evaluations", "", "evaluations", 1, 0},
    {"accepted", "steps", "accepted", 1, 0},
    {"rejected", "steps", "rejected", 1, 0},
    {"backward vjps", "", "vjps", 1, 0},
    {"time", "s", "seconds", 1, -2},
};
constexpr size_t kTitleWidth = 12;

// A run's line: its metrics, and what others have published for some of them.
struct Line {
  std::string title;
  Json metrics, cited;
  std::vector<double> last_states = {};  // of a solve: at the last time
};

std::string padded(std::string cell, size_t width, bool right) {
  cell.insert(right ? 0 : cell.size(), width > cell.size() ? width - cell.size() : 0, ' ');
  return cell;
}

// What a run has no number for, such as evaluations without an ode block, is '-'.
std::string cell_text(const Json& numbers, const Column& c) {
  if (!numbers.contains(c.metric)) return "-";
  if (!numbers[c.metric].is_number()) return "nan";
  char text[32];
  std::snprintf(text, sizeof text, c.digits < 0 ? "%.*e" : "%.*f", std::abs(c.digits),
                c.scale * numbers[c.metric].get<double>());
  return text;
}

// Columns that some run has a number for, each with one of cited numbers behind it where there are any.
std::string table_text(const std::vector<Line>& lines) {
  size_t title_width = kTitleWidth;
  for (const Line& line : lines) title_width = std::max(title_width, line.title.size());
  std::vector<std::string> rows(lines.size() + 2);
  rows[0] = padded("model", title_width, false), rows[1] = padded("", title_width, false);
  for (size_t i = 0; i < lines.size(); ++i) rows[i + 2] = padded(lines[i].title, title_width, false);
  const auto add = [&](const char* head, const char* unit, const Column& c, Json Line::*numbers) {
    if (std::none_of(lines.begin(), lines.end(),
                     [&](const Line& line) { return (line.*numbers).contains(c.metric); }))
      return;
    const size_t width = std::max(std::string_view(head).size(), std::string_view(unit).size());
    rows[0] += "  " + padded(head, width, true), rows[1] += "  " + padded(unit, width, true);
    for (size_t i = 0; i < lines.size(); ++i)
      rows[i + 2] += "  " + padded(cell_text(lines[i].*numbers, c), width, true);
  };
  for (const Column& c : kColumns)
    add(c.head, c.unit, c, &Line::metrics), add("cited", c.unit, c, &Line::cited);
  std::string text;
  for (const std::string& row : rows) text += row + "\n";
  return text;
}

// The same for programs: whole numbers, empty where there is none.
std::string table_csv(const std::vector<Line>& lines) {
  std::string head = "model", text;
  for (const Column& c : kColumns) head += std::string(",") + c.metric + "," + c.metric + "_cited";
  for (const Line& line : lines) {
    text += line.title;
    for (const Column& c : kColumns)
      for (const Json* numbers : {&line.metrics, &line.cited})
        text += "," + (numbers->contains(c.metric) ? (*numbers)[c.metric].dump() : std::string());
    text += "\n";
  }
  return head + "\n" + text;
}

constexpr odeon_option kConfig =
    make_option(ODEON_OPTION_STRING, str("config"), kNoText,
                str("A configuration, from the folder of this one."), kRequired | ODEON_OPTION_SHORTHAND);
constexpr odeon_option kName = make_option(ODEON_OPTION_STRING, str("name"), kNoText,
                                           str("Of its folder of results; without, that of the file."));
constexpr odeon_option kSet =
    make_option(kOverSection, str("set"), kNoText, str("Values over those of the file."));

// Numbers that others have published, for the metrics of the table.
const odeon_option& cite_section() {
  static const std::vector<odeon_option> numbers = [] {
    std::vector<odeon_option> out;
    for (const Column& c : kColumns)
      out.push_back(make_option(ODEON_OPTION_REAL, to_str(c.metric), kNoText, to_str(c.head)));
    return out;
  }();
  static const std::vector<const odeon_option*> keys = [] {
    std::vector<const odeon_option*> out;
    for (const odeon_option& number : numbers) out.push_back(&number);
    return out;
  }();
  static const odeon_option section = [] {
    odeon_option o =
        make_option(ODEON_OPTION_GROUP, str("cite"), kNoText, str("Published numbers beside the run's."));
    o.children = keys.data(), o.n_children = std::ssize(keys);
    return o;
  }();
  return section;
}

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

// The metrics of a training, or what a solve has cost.
Json metrics_of(const RunResult& run) {
  Json metrics = run.record.value("metrics", Json::object());
  if (!metrics.empty() || !run.record.contains("counters")) return metrics;
  const Json &counters = run.record["counters"], &forward = counters["forward"];
  for (const char* count : {"evaluations", "accepted", "rejected"}) metrics[count] = forward[count];
  if (counters.contains("backward")) metrics["vjps"] = counters["backward"]["vjps"];
  double seconds = 0;
  for (const auto& [pass, s] : run.record["seconds"].items()) seconds += s.get<double>();
  metrics["seconds"] = seconds;
  return metrics;
}

std::vector<double> last_states_of(const RunResult& run) {
  for (const auto& [name, states] : run.arrays) {
    if (name != "states.npy" || !run.record.contains("counters") || run.record.contains("metrics")) continue;
    const int64_t n = states.size() / states.shape[0];
    std::vector<double> last;
    for (int64_t i = states.size() - n; i < states.size(); ++i) last.push_back(states.at(i));
    return last;
  }
  return {};
}

// Where all runs solve for states of one size, as at several tolerances: the root of the mean squared
// difference of each at its last time from the last run.
void add_differences(std::vector<Line>& lines) {
  const std::vector<double>& reference = lines.back().last_states;
  for (const Line& line : lines)
    if (line.last_states.size() != reference.size() || reference.empty()) return;
  for (size_t k = 0; k + 1 < lines.size(); ++k) {
    double sum = 0;
    for (size_t i = 0; i < reference.size(); ++i) sum += std::pow(lines[k].last_states[i] - reference[i], 2);
    lines[k].metrics["difference"] = std::sqrt(sum / static_cast<double>(reference.size()));
  }
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
  std::vector<Line> lines;
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
    } catch (const RunError& error) {  // the others are worth having
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
  result.summary = table_text(lines);
  result.texts.emplace_back("table.csv", table_csv(lines));
  return result;
}

}  // namespace odeon::host
