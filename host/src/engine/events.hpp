// What a solve watches for: events, and the functions whose zeros they are.
#pragma once
#include <odeon/ext/engine.h>
#include <odeon/ext/events.h>

#include <functional>
#include <map>
#include <memory>
#include <odeon/host/solution.hpp>
#include <odeon/sdk/graph.hpp>
#include <span>
#include <string>
#include <vector>

namespace odeon::host {

class Field;

struct EventRule {
  std::string name;
  std::string where = {};  // of its definition, "file.yaml:3:7"; may be empty
  int32_t direction = ODEON_EVENT_ANY;
  double tolerance = 0;  // of its time; 0: as close as time can resolve
  bool terminal = false, resets = false;
  int64_t max_count = kDefaultMaxCount;

  static constexpr int64_t kDefaultMaxCount = 100'000;
  bool cuts() const { return terminal || resets; }  // the step does not go on behind it
};

// What happened in a solve.
struct EventLog {
  std::vector<EventRecord> records;   // of each row in their order
  std::vector<std::string> ended_by;  // of each row: the terminal event that ended it; empty where none did
};

// What dL/d(one event) comes to: its time, and its row's state before it, as they move with y0 and θ.
struct EventCotangent {
  double time = 0;
  std::vector<double> state;  // empty: zeros
};
// By name; entry n is for the event of that name that comes n-th in a row.
using EventCotangents = std::map<std::string, std::vector<EventCotangent>>;

// Products of a cotangent with the derivatives of an event's function.
struct EventPullback {
  std::vector<double> y, theta;  // [batch, state…]; flat
  double t = 0;
};

// The functions of a group of events for one problem.
class EventFunctions {
 public:
  virtual ~EventFunctions() = default;
  // A solve begins: θ may have changed.
  virtual void begin() {}
  // g[row, i] of every row of y at time t; row-major.
  virtual void values(double t, const odeon_tensor& y, std::span<double> g) = 0;
  // Every row of y becomes the state behind event i.
  virtual void reset(size_t i, double t, const odeon_tensor& y) = 0;
  // Of groups that are differentiable: adds the product of the cotangents g of all values, or v of the state
  // behind event i, with the derivatives.
  virtual void pull_values(double /*t*/, const odeon_tensor& /*y*/, std::span<const double> /*g*/,
                           EventPullback& /*out*/) {}
  virtual void pull_reset(size_t /*i*/, double /*t*/, const odeon_tensor& /*y*/,
                          std::span<const double> /*v*/, EventPullback& /*out*/) {}
};

// Events of one origin, before there is a problem.
struct EventGroup {
  std::vector<EventRule> rules;
  std::function<std::unique_ptr<EventFunctions>(odeon_problem&)> bind;
  bool differentiable = false;
};

// Functions as graphs. values: [batch, state…] -> [batch, events]; resets: [batch, state…] -> the same shape,
// without outputs for an event that does not reset.
EventGroup graph_events(std::vector<EventRule> rules, Graph values, std::vector<Graph> resets);

// Functions of one row on the host.
struct RowEvents {
  struct Point {
    double t;
    std::span<double> y;
    std::span<double> theta;
  };
  std::function<void(const Point&, std::span<double> g)> values;
  std::function<void(size_t i, const Point&)> reset;
};
EventGroup row_events(std::vector<EventRule> rules, RowEvents functions);

// Those that the field brings (ext/events.h). Throws PluginError for a table that breaks a rule.
EventGroup field_events(const std::shared_ptr<Field>& field);

// Names that stand twice, and events that rows which step together cannot have. Throws ConfigError.
void check_events(std::span<const EventGroup> groups, int64_t rows);

}  // namespace odeon::host
