#include "experiment/events.hpp"

#include <algorithm>
#include <cmath>
#include <odeon/sdk/expression.hpp>
#include <set>

#include "data/error.hpp"
#include "data/nearest.hpp"
#include "experiment/experiment.hpp"
#include "experiment/fit.hpp"
#include "experiment/literals.hpp"
#include "experiment/root_keys.hpp"
#include "experiment/sections.hpp"
#include "experiment/state_names.hpp"

namespace odeon::host {
namespace {

constexpr odeon_str kDirections[] = {str("any"), str("rising"), str("falling")};
constexpr odeon_option kName = make_option(ODEON_OPTION_STRING, str("name"), kNoText,
                                           str("For messages and events.csv; without, event1, event2, …"));
constexpr odeon_option kWhen = make_option(
    ODEON_OPTION_STRING, str("when"), kNoText,
    str("A formula of the states, scalar parameters and t, whose zeros are the event."), kRequired);
constexpr odeon_option kDirection =
    with_choices(make_option(ODEON_OPTION_CHOICE, str("direction"), str("any"),
                             str("Only crossings from below (rising) or from above (falling).")),
                 kDirections);
constexpr odeon_option kTolerance =
    ranged(make_option(ODEON_OPTION_REAL, str("tolerance"), kNoText,
                       str("Of the event's time; without, as close as time can resolve.")),
           0, ODEON_UNBOUNDED_ABOVE, ODEON_OPTION_MIN_EXCLUSIVE, str("time"));
constexpr odeon_option kTerminal =
    make_option(ODEON_OPTION_BOOL, str("terminal"), str("false"), str("The event ends the solve."));
constexpr odeon_option kReset =
    make_option(ODEON_OPTION_STRING_MAP, str("reset"), kNoText,
                str("New values of states, formulas of the state before: {v: -0.9*v}."));
constexpr odeon_option kMaxCount =
    ranged(make_option(ODEON_OPTION_INT, str("max_count"), str("100000"),
                       str("More events than this in one row end the run as failed.")),
           1, ODEON_UNBOUNDED_ABOVE);
constexpr const odeon_option* kKeys[] = {&kName,     &kWhen,  &kDirection, &kTolerance,
                                         &kTerminal, &kReset, &kMaxCount};
constexpr size_t kAlwaysNamed = 16;

// The names that stand in formulas.
std::set<std::string> words_of(const ConfigNode& node) {
  std::set<std::string> words;
  std::string word;
  for (const char c : node.text + " ")
    if (expression::is_name("_" + std::string(1, c)))
      word += c;
    else
      words.insert(std::exchange(word, ""));
  for (const ConfigNode& item : node.items) words.merge(words_of(item));
  for (const ConfigEntry& entry : node.entries) words.merge(words_of(entry.second));
  return words;
}

// A graph under construction over the state, and what formulas may name.
struct Scope {
  GraphBuilder g;
  Value y;  // [batch, n]
  expression::Names names;

  // words: of the formulas. A state of many elements has names for those and for the first few.
  Scope(const Field& field, const std::vector<std::string>& states, const std::set<std::string>& words) {
    Shape shape = field.state_shape();
    shape.insert(shape.begin(), ODEON_BATCH);
    const int64_t n = static_cast<int64_t>(states.size());
    y = g.reshape(g.input(0, shape), {ODEON_BATCH, n});
    int64_t offset = 0;
    for (int64_t i = 0; i < field.info().n_slots; ++i) {
      const odeon_parameter_slot& slot = *field.info().slots[i];
      const std::string name(to_view(slot.name));
      if (slot.rank == 0 && expression::is_name(name)) names[name] = g.parameter(offset, {});
      int64_t count = 1;
      for (int32_t d = 0; d < slot.rank; ++d) count *= slot.shape[d];
      offset += count;
    }
    for (int64_t i = 0; i < n; ++i)
      if (static_cast<size_t>(i) < kAlwaysNamed || words.contains(states[size_t(i)]))
        names[states[size_t(i)]] = g.slice(y, 1, i, i + 1);
    names["t"] = g.reshape(g.time(), {ODEON_BATCH, 1});
  }

  // [batch, 1]
  Value column(const ConfigNode& formula, const std::string& what) {
    try {
      return g.broadcast_to(expression::parse(g, names, read_text(formula, what), what, 0), {ODEON_BATCH, 1});
    } catch (const odeon::Error& e) {
      bad(formula, e.what());
    }
  }
  bool varies(Value x) const {
    GraphBuilder copy = g;
    copy.mark_output(x);
    const Graph graph = copy.finish();
    return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const odeon_node& node) {
      return node.op == ODEON_OP_INPUT || node.op == ODEON_OP_TIME;
    });
  }
};

EventRule read_rule(const ConfigNode& node, size_t number) {
  check_keys(node, "an event", kEventsSection);
  EventRule rule{"event" + std::to_string(number)};
  rule.where = node.where;
  if (const ConfigNode* name = node.find("name")) {
    rule.name = read_text(*name, "'name'");
    if (!expression::is_name(rule.name))
      bad(*name, "the 'name' of an event must be letters, digits and _, beginning with a letter; found " +
                     describe(*name));
    rule.where = name->where;
  }
  rule.direction =
      std::array{ODEON_EVENT_ANY, ODEON_EVENT_RISING, ODEON_EVENT_FALLING}[read_choice(node, kDirection, 0)];
  rule.tolerance = read_real(node, kTolerance, rule.tolerance);
  rule.terminal = read_boolean(node, kTerminal, rule.terminal);
  rule.max_count = read_integer(node, kMaxCount, rule.max_count);
  rule.resets = node.find("reset") != nullptr;
  return rule;
}

// The state with some elements replaced; no output where nothing is reset.
Graph read_reset(const ConfigNode& event, const EventRule& rule, const Field& field,
                 const std::vector<std::string>& states) {
  const ConfigNode* reset = event.find("reset");
  if (!reset) return {};
  const std::string what = "'reset' of event '" + rule.name + "'";
  if (reset->kind != ConfigNode::Kind::map || reset->entries.empty())
    bad(*reset, what + " must be a map of states to formulas, such as {" + states[0] + ": 0}; found " +
                    describe(*reset));
  Scope scope(field, states, words_of(*reset));
  std::map<int64_t, Value> columns;
  for (const auto& [key, formula] : reset->entries) {
    const auto at = std::find(states.begin(), states.end(), key);
    if (at == states.end()) {
      const std::vector<std::string> known(states.begin(),
                                           states.begin() + long(std::min(states.size(), kAlwaysNamed)));
      throw ConfigError(formula.key_where + ": " + what + ": the field has no state '" + key + "'" +
                        did_you_mean(key, known) + " States: " + joined(known) +
                        (known.size() < states.size() ? ", …." : "."));
    }
    columns[at - states.begin()] =
        scope.column(formula, "the new '" + key + "' of event '" + rule.name + "'");
  }
  GraphBuilder& g = scope.g;
  Value out;
  const auto append = [&](Value part) { out = out.id < 0 ? part : g.concat(out, part, 1); };
  int64_t done = 0;
  const int64_t n = static_cast<int64_t>(states.size());
  for (const auto& [i, value] : columns) {
    if (i > done) append(g.slice(scope.y, 1, done, i));
    append(value);
    done = i + 1;
  }
  if (done < n) append(g.slice(scope.y, 1, done, n));
  Shape shape = field.state_shape();
  shape.insert(shape.begin(), ODEON_BATCH);
  g.mark_output(g.reshape(out, shape));
  return g.finish();
}

}  // namespace

constinit const odeon_option kEventsSection = with_children(
    make_option(kListSection, str("events"), kNoText,
                str("What happens where a formula reaches or crosses zero along the solution.")),
    kKeys);

EventCotangents read_event_cotangents(const ConfigNode& node, const std::vector<int64_t>& row) {
  const char* kForm = "must map names of events to lists such as [{time: 1.0}, {state: [0.0, 1.0]}]; found ";
  if (node.kind != ConfigNode::Kind::map)
    bad(node, std::string("'events' of 'loss' ") + kForm + describe(node));
  EventCotangents out;
  for (const auto& [name, list] : node.entries) {
    if (list.kind != ConfigNode::Kind::list)
      bad(list, "'events' of 'loss' " + std::string(kForm) + describe(list));
    for (const ConfigNode& item : list.items) {
      check_keys(item, "an event of 'loss'", kLossEventSection);
      EventCotangent& c = out[name].emplace_back();
      if (const ConfigNode* time = item.find("time")) c.time = read_real(*time, "'time'");
      const ConfigNode* state = item.find("state");
      if (!state) continue;
      const Array a = read_array(*state, "'state'");
      if (a.shape != row)
        bad(*state, "'state' of an event must have the shape of a row, " + shape_text(row) + "; found " +
                        shape_text(a.shape));
      c.state = a.to_doubles();
    }
  }
  return out;
}

std::vector<EventGroup> read_events(const ConfigNode* node, const Field& field) {
  if (!node) return {};
  if (node->kind != ConfigNode::Kind::list || node->items.empty())
    bad(*node,
        "'events' must be a list of events, each a map such as {when: x - 1}; found " + describe(*node));
  const std::vector<std::string> states = state_names(field);
  Scope scope(field, states, words_of(*node));
  std::vector<EventRule> rules;
  std::vector<Graph> resets;
  Value values;
  for (const ConfigNode& item : node->items) {
    const EventRule& rule = rules.emplace_back(read_rule(item, rules.size() + 1));
    const ConfigNode& when = require_key(item, "event '" + rule.name + "'", "when");
    const std::string what = "'when' of event '" + rule.name + "'";
    const Value g = scope.column(when, what);
    if (!scope.varies(g))
      bad(when,
          what + " must depend on the state or on t, else it never crosses zero; found " + describe(when));
    values = values.id < 0 ? g : scope.g.concat(values, g, 1);
    resets.push_back(read_reset(item, rule, field, states));
  }
  scope.g.mark_output(values);
  return {graph_events(std::move(rules), scope.g.finish(), std::move(resets))};
}

}  // namespace odeon::host
