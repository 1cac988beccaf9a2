#include "experiment/event_report.hpp"

#include <algorithm>

#include "data/number_text.hpp"

namespace odeon::host {
namespace {

using Json = nlohmann::ordered_json;

const char* direction_name(int32_t direction) {
  return direction == ODEON_EVENT_RISING ? "rising" : direction == ODEON_EVENT_FALLING ? "falling" : "any";
}

}  // namespace

const EventRecord* EventReport::end_of(int64_t row) const {
  if (log.ended_by[size_t(row)].empty()) return nullptr;
  const auto last = std::find_if(log.records.rbegin(), log.records.rend(),
                                 [&](const EventRecord& e) { return e.row == row; });
  return &*last;
}

std::string EventReport::csv(const std::vector<std::string>& state_names) const {
  std::string text = "row,event,time";
  for (const char* side : {"_before", "_after"})
    for (const std::string& name : state_names) text += "," + name + side;
  text += "\n";
  for (const EventRecord& e : log.records) {
    text += std::to_string(e.row) + "," + e.name + "," + number_text(e.t);
    for (const std::vector<double>* side : {&e.before, &e.after})
      for (double v : *side) text += "," + number_text(v);
    text += "\n";
  }
  return text;
}

Json EventReport::json() const {
  Json out{{"rules", Json::array()}, {"ended_by", Json::array()}};
  for (const EventRule& rule : rules) {
    const auto count = std::count_if(log.records.begin(), log.records.end(),
                                     [&](const EventRecord& e) { return e.name == rule.name; });
    out["rules"].push_back({{"name", rule.name},
                            {"direction", direction_name(rule.direction)},
                            {"tolerance", rule.tolerance > 0 ? Json(rule.tolerance) : Json()},
                            {"terminal", rule.terminal},
                            {"resets", rule.resets},
                            {"max_count", rule.max_count},
                            {"count", count}});
  }
  for (const std::string& name : log.ended_by) out["ended_by"].push_back(name.empty() ? Json() : Json(name));
  return out;
}

std::string EventReport::summary() const {
  std::string text;
  for (const EventRule& rule : rules) {
    int64_t count = 0;
    const EventRecord* last = nullptr;
    for (const EventRecord& e : log.records)
      if (e.name == rule.name) ++count, last = &e;
    text += "event " + rule.name + ": " + std::to_string(count) + (count == 1 ? " time" : " times") +
            (last ? ", last at t = " + number_text(last->t) : "") + "\n";
  }
  return text;
}

}  // namespace odeon::host
