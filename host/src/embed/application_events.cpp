#include "data/error.hpp"
#include "embed/problem_impl.hpp"

namespace odeon::host {

EventGroup to_group(const std::vector<EventFunction>& events) {
  std::vector<EventRule> rules;
  for (const EventFunction& e : events) {
    const std::string who = "event '" + e.name + "' of this program";
    if (!e.when) throw ConfigError(who + " has no function; set EventFunction::when");
    if (!(e.tolerance >= 0) || e.max_count < 1)
      throw ConfigError(who + ": tolerance must be >= 0 and max_count at least 1");
    EventRule rule{e.name};
    rule.direction = e.direction == EventDirection::rising    ? ODEON_EVENT_RISING
                     : e.direction == EventDirection::falling ? ODEON_EVENT_FALLING
                                                              : ODEON_EVENT_ANY;
    rule.tolerance = e.tolerance;
    rule.terminal = e.terminal;
    rule.resets = static_cast<bool>(e.reset);
    rule.max_count = e.max_count;
    rules.push_back(rule);
  }
  RowEvents functions;
  functions.values = [events](const RowEvents::Point& p, std::span<double> g) {
    for (size_t i = 0; i < events.size(); ++i) g[i] = events[i].when(p.t, p.y);
  };
  functions.reset = [events](size_t i, const RowEvents::Point& p) { events[i].reset(p.t, p.y); };
  return row_events(std::move(rules), std::move(functions));
}

}  // namespace odeon::host
