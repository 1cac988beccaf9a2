#include <odeon/sdk/expression.hpp>
#include <set>

#include "data/error.hpp"
#include "engine/event_derivatives.hpp"
#include "engine/events.hpp"
#include "engine/host_doubles.hpp"
#include "engine/problem.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

constexpr size_t kFirstSize = 40;  // of odeon_field_events_api in revision 1
constexpr int32_t kOverwrite = ODEON_WRITE_OVERWRITE;

// Compiled by the problem's backend, or interpreted for it.
class GraphEvents final : public EventFunctions {
 public:
  GraphEvents(odeon_problem& problem, Graph values, std::vector<Graph> resets)
      : p_(problem),
        values_graph_(std::move(values)),
        reset_graphs_(std::move(resets)),
        values_(p_.backend, values_graph_, p_.dtype, p_.batch),
        pull_resets_(reset_graphs_.size()) {
    g_ = DeviceTensor::like(p_.backend, values_.output_shape(0));
    for (const Graph& g : reset_graphs_)
      resets_.push_back(
          g.outputs.empty() ? nullptr : std::make_unique<GraphProgram>(p_.backend, g, p_.dtype, p_.batch));
    after_ = DeviceTensor::like(p_.backend, p_.state_view(nullptr));
  }

  void values(double t, const odeon_tensor& y, std::span<double> g) override {
    run(values_, t, y, g_.view);
    host_.download(*p_.backend, g_.view, g);
  }
  void reset(size_t i, double t, const odeon_tensor& y) override {
    run(*resets_[i], t, y, after_.view);
    p_.backend->copy(y, after_.view);
  }
  void pull_values(double t, const odeon_tensor& y, std::span<const double> g, EventPullback& out) override {
    pull(pull_values_, values_graph_, t, y, g, out);
  }
  void pull_reset(size_t i, double t, const odeon_tensor& y, std::span<const double> v,
                  EventPullback& out) override {
    pull(pull_resets_[i], reset_graphs_[i], t, y, v, out);
  }

 private:
  void pull(std::unique_ptr<GraphPullback>& pullback, const Graph& graph, double t, const odeon_tensor& y,
            std::span<const double> v, EventPullback& out) {
    if (!pullback) pullback = std::make_unique<GraphPullback>(p_, graph);
    (*pullback)(t, y, v, out);
  }
  void run(GraphProgram& program, double t, const odeon_tensor& y, const odeon_tensor& out) {
    program.run({host_scalar(t), p_.theta.data ? &p_.theta : nullptr, {&y, 1}, {&out, 1}, {&kOverwrite, 1}});
  }

  odeon_problem& p_;
  Graph values_graph_;
  std::vector<Graph> reset_graphs_;
  GraphProgram values_;
  std::vector<std::unique_ptr<GraphProgram>> resets_;
  std::unique_ptr<GraphPullback> pull_values_;  // made when first needed, like those of resets
  std::vector<std::unique_ptr<GraphPullback>> pull_resets_;
  DeviceTensor g_, after_;
  HostDoubles host_;
};

class RowFunctions final : public EventFunctions {
 public:
  RowFunctions(odeon_problem& problem, size_t n_events, RowEvents functions)
      : p_(problem),
        n_(n_events),
        functions_(std::move(functions)),
        y_(static_cast<size_t>(p_.state_elements())) {}

  void begin() override {
    theta_.resize(p_.theta.data ? static_cast<size_t>(element_count(p_.theta)) : 0);
    if (!theta_.empty()) host_.download(*p_.backend, p_.theta, theta_);
  }
  void values(double t, const odeon_tensor& y, std::span<double> g) override {
    host_.download(*p_.backend, y, y_);
    for (int64_t r = 0; r < p_.batch; ++r)
      functions_.values({t, row_of(r), theta_}, g.subspan(static_cast<size_t>(r) * n_, n_));
  }
  void reset(size_t i, double t, const odeon_tensor& y) override {
    host_.download(*p_.backend, y, y_);
    for (int64_t r = 0; r < p_.batch; ++r) functions_.reset(i, {t, row_of(r), theta_});
    host_.upload(*p_.backend, y, y_);
  }

 private:
  std::span<double> row_of(int64_t r) {
    const size_t width = y_.size() / static_cast<size_t>(p_.batch);
    return std::span(y_).subspan(static_cast<size_t>(r) * width, width);
  }

  odeon_problem& p_;
  size_t n_;
  RowEvents functions_;
  std::vector<double> y_, theta_;
  HostDoubles host_;
};

struct PointInC {
  odeon_tensor y, theta;
  odeon_event_point view{};

  PointInC(const RowEvents::Point& p, const Field& field)
      : y(make_tensor(p.y.data(), ODEON_F64, field.state_shape())),
        theta(make_tensor(p.theta.data(), ODEON_F64, {static_cast<int64_t>(p.theta.size())})) {
    view.struct_size = sizeof view;
    view.t = p.t;
    view.y = &y;
    view.theta = p.theta.empty() ? nullptr : &theta;
  }
  PointInC(const PointInC&) = delete;
};

EventRule to_rule(const odeon_event& e, const odeon_field_events_api& api, const std::string& field) {
  const std::string name(to_view(e.name)), who = field + ": event '" + name + "' of " ODEON_EXT_FIELD_EVENTS;
  if (!expression::is_name(name))
    throw PluginError(who + " must have a name of letters, digits and _, beginning with a letter");
  if (e.direction < ODEON_EVENT_FALLING || e.direction > ODEON_EVENT_RISING)
    throw PluginError(who + " must have a direction ODEON_EVENT_*; found " + std::to_string(e.direction));
  if (!(e.tolerance >= 0) || e.max_count < 0)
    throw PluginError(who + " must have a tolerance and a max_count that are not negative");
  if (e.resets && !api.reset) throw PluginError(who + " resets the state, but the table has no 'reset'");
  EventRule rule{name};
  rule.direction = e.direction;
  rule.tolerance = e.tolerance;
  rule.terminal = e.terminal != 0;
  rule.resets = e.resets != 0;
  if (e.max_count > 0) rule.max_count = e.max_count;
  return rule;
}

}  // namespace

void check_events(std::span<const EventGroup> groups, int64_t rows) {
  std::set<std::string> names;
  for (const EventGroup& group : groups)
    for (const EventRule& rule : group.rules) {
      const std::string who = (rule.where.empty() ? "" : rule.where + ": ") + "event '" + rule.name + "'";
      if (!names.insert(rule.name).second) throw ConfigError(who + " stands twice; rename one");
      if (rows > 1 && rule.cuts())
        throw ConfigError(who + (rule.terminal ? " is terminal" : " resets the state") + ", but the " +
                          std::to_string(rows) + " rows take their steps together; let each take its own " +
                          "(solver option 'stepping: per_row'), or solve one row");
    }
}

EventGroup graph_events(std::vector<EventRule> rules, Graph values, std::vector<Graph> resets) {
  return {std::move(rules),
          [values = std::move(values), resets = std::move(resets)](odeon_problem& p) {
            return std::make_unique<GraphEvents>(p, values, resets);
          },
          true};
}

EventGroup row_events(std::vector<EventRule> rules, RowEvents functions) {
  const size_t n = rules.size();
  return {std::move(rules), [n, functions = std::move(functions)](odeon_problem& p) {
            return std::make_unique<RowFunctions>(p, n, functions);
          }};
}

EventGroup field_events(const std::shared_ptr<Field>& field) {
  const odeon_field_events_api* api = field->events();
  if (!api) return {};
  const std::string table = field->name() + ": the table " ODEON_EXT_FIELD_EVENTS;
  if (api->struct_size < kFirstSize) throw PluginError(table + " is smaller than its first version");
  if (!api->evaluate) throw PluginError(table + " has no 'evaluate'");
  std::vector<EventRule> rules;
  for (int64_t i = 0; i < api->n_events; ++i) rules.push_back(to_rule(*api->events[i], *api, field->name()));
  RowEvents functions;
  functions.values = [field, api](const RowEvents::Point& p, std::span<double> g) {
    const PointInC point(p, *field);
    call(field->name(), api->evaluate, field->handle(), &point.view, g.data());
  };
  functions.reset = [field, api](size_t i, const RowEvents::Point& p) {
    const PointInC point(p, *field);
    call(field->name(), api->reset, field->handle(), static_cast<int64_t>(i), &point.view);
  };
  return row_events(std::move(rules), std::move(functions));
}

}  // namespace odeon::host
