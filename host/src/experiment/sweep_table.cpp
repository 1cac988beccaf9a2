#include "experiment/sweep_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

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
    {"error of", "dy/dt", "slope_error", 1, 4},
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

}  // namespace

std::string sweep_table(const std::vector<SweepLine>& lines) {
  size_t title_width = kTitleWidth;
  for (const SweepLine& line : lines) title_width = std::max(title_width, line.title.size());
  std::vector<std::string> rows(lines.size() + 2);
  rows[0] = padded("model", title_width, false), rows[1] = padded("", title_width, false);
  for (size_t i = 0; i < lines.size(); ++i) rows[i + 2] = padded(lines[i].title, title_width, false);
  const auto add = [&](const char* head, const char* unit, const Column& c, Json SweepLine::*numbers) {
    if (std::none_of(lines.begin(), lines.end(),
                     [&](const SweepLine& line) { return (line.*numbers).contains(c.metric); }))
      return;
    const size_t width = std::max(std::string_view(head).size(), std::string_view(unit).size());
    rows[0] += "  " + padded(head, width, true), rows[1] += "  " + padded(unit, width, true);
    for (size_t i = 0; i < lines.size(); ++i)
      rows[i + 2] += "  " + padded(cell_text(lines[i].*numbers, c), width, true);
  };
  for (const Column& c : kColumns)
    add(c.head, c.unit, c, &SweepLine::metrics), add("cited", c.unit, c, &SweepLine::cited);
  std::string text;
  for (const std::string& row : rows) text += row + "\n";
  return text;
}

std::string sweep_csv(const std::vector<SweepLine>& lines) {
  std::string head = "model", text;
  for (const Column& c : kColumns) head += std::string(",") + c.metric + "," + c.metric + "_cited";
  for (const SweepLine& line : lines) {
    text += line.title;
    for (const Column& c : kColumns)
      for (const Json* numbers : {&line.metrics, &line.cited})
        text += "," + (numbers->contains(c.metric) ? (*numbers)[c.metric].dump() : std::string());
    text += "\n";
  }
  return head + "\n" + text;
}

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

void add_differences(std::vector<SweepLine>& lines) {
  const std::vector<double>& reference = lines.back().last_states;
  for (const SweepLine& line : lines)
    if (line.last_states.size() != reference.size() || reference.empty()) return;
  for (size_t k = 0; k + 1 < lines.size(); ++k) {
    double sum = 0;
    for (size_t i = 0; i < reference.size(); ++i) sum += std::pow(lines[k].last_states[i] - reference[i], 2);
    lines[k].metrics["difference"] = std::sqrt(sum / static_cast<double>(reference.size()));
  }
}

}  // namespace odeon::host
