// What a run reports of its events.
#pragma once
#include <nlohmann/json.hpp>
#include <odeon/host/solution.hpp>

#include "engine/events.hpp"

namespace odeon::host {

// Of one solve; records by row.
struct EventReport {
  std::vector<EventRule> rules;
  EventLog log;

  // The last event of a row that a terminal event ended; NULL where none did.
  const EventRecord* end_of(int64_t row) const;
  // events.csv: a line for each event with the row's state before and behind it.
  std::string csv(const std::vector<std::string>& state_names) const;
  // For record.json: the rules with their counts.
  nlohmann::ordered_json json() const;
  // A line for each rule.
  std::string summary() const;
};

}  // namespace odeon::host
