// The field `expression`: one formula per state variable, and a network for what they leave open.
#include <algorithm>

#include "network.hpp"

namespace {

using namespace odeon;

constexpr odeon_option kState =
    make_option(ODEON_OPTION_STRINGS, str("state"), kNoText,
                str("Names of the state variables, in the order of `initial`."), ODEON_OPTION_REQUIRED);
constexpr odeon_option kParameters =
    make_option(ODEON_OPTION_REAL_MAP, str("parameters"), str("{}"),
                str("Names and values of the parameters; they are the trainable theta, in this order."));
constexpr odeon_option kDerivatives =
    make_option(ODEON_OPTION_STRING_MAP, str("derivatives"), kNoText,
                str("The formula of each state variable's time derivative: + - * / ^, parentheses, sin cos "
                    "tan exp log sqrt tanh abs sign "
                    "relu sigmoid softplus erf min max pow; names of states, parameters and `outputs` of "
                    "`network`, t, pi, e."),
                ODEON_OPTION_REQUIRED);
constexpr odeon_option kExplicit =
    make_option(ODEON_OPTION_STRING_MAP, str("explicit"), str("{}"),
                str("Formulas that are added to those of `derivatives`. An additive solver evaluates these "
                    "explicitly and solves for the others: put here what is not stiff. Variables may be left "
                    "out; every other solver takes the sum."));
constexpr const odeon_option* kOptions[] = {&kState, &kParameters, &formula_network::kNetwork, &kDerivatives,
                                            &kExplicit};

// The formulas of an option as one column for each state variable.
struct Columns {
  GraphBuilder& g;
  const expression::Names& names;
  const std::vector<std::string>& state;

  // what: "the derivative of". all: each variable needs a formula; otherwise those without one get zero.
  Value operator()(const odeon_value& formulas, const std::string& key, const std::string& what,
                   bool all) const {
    for (int64_t i = 0; i < formulas.size; ++i)
      if (std::find(state.begin(), state.end(), to_view(formulas.keys[i])) == state.end())
        throw Error("'" + key + "' has '" + std::string(to_view(formulas.keys[i])) +
                        "', which is not in 'state'; add it there or remove it",
                    ODEON_E_INVALID, formulas.children[i].mark);
    Value out;
    for (const std::string& name : state) {
      const odeon_value* formula = nullptr;
      for (int64_t i = 0; i < formulas.size; ++i)
        if (to_view(formulas.keys[i]) == name) formula = &formulas.children[i];
      if (!formula && all)
        throw Error("'" + key + "' lacks " + what + " '" + name + "'; add '" + name + ": formula'",
                    ODEON_E_INVALID, formulas.mark);
      const Value value = formula ? expression::parse(g, names, to_view(formula->string),
                                                      what + " '" + name + "'", formula->mark)
                                  : g.constant(0);
      out = expression::with_column(g, out, value);
    }
    return out;
  }
};

Graph graph_of(GraphBuilder g, Value output) {
  g.mark_output(output);
  return g.finish();
}

GraphField make(const Options& options, const odeon_field_context&) {
  const odeon_value &state = options.at("state"), &parameters = options.at("parameters"),
                    &derivatives = options.at("derivatives");
  const int64_t n = state.size;
  if (n == 0) throw Error("'state' names no variable; name at least one", ODEON_E_INVALID, state.mark);
  GraphBuilder g;
  GraphField field;
  field.state_shape = {n};
  const Value y = g.input(0, {ODEON_BATCH, n});
  expression::Names names;
  for (int64_t i = 0; i < n; ++i) {
    const std::string name(to_view(state.children[i].string));
    expression::declare(names, name, g.slice(y, 1, i, i + 1), state.children[i].mark);
    field.state_names.push_back(name);
  }
  for (int64_t i = 0; i < parameters.size; ++i) {
    const std::string name(to_view(parameters.keys[i]));
    expression::declare(names, name, g.parameter(i, {}), parameters.children[i].mark);
    field.slots.push_back({name, {}, ODEON_INIT_VALUES, 0, 0, {parameters.children[i].real}});
  }
  names["t"] = g.reshape(g.time(), {ODEON_BATCH, 1});
  if (options.given("network"))
    formula_network::append(g, field.slots, parameters.size, names, options.at("network"));
  const Columns columns{g, names, field.state_names};
  const Value solved = columns(derivatives, "derivatives", "the derivative of", true);
  field.graph = graph_of(g, solved);
  if (const odeon_value& added = options.at("explicit"); added.size > 0) {
    const Value evaluated = columns(added, "explicit", "the explicit part of", false);
    field.halves = {graph_of(g, solved), graph_of(g, evaluated)};
    field.graph = graph_of(g, g.add(solved, evaluated));
  }
  return field;
}

constexpr odeon_field_api kApi = GraphFieldApi<make>::table();
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_FIELD,
    {str("expression"), str("Formulas in the configuration"),
     str("One formula per state variable, parsed into an op graph and differentiated exactly; a network may "
         "stand for terms that are not known (universal differential equations); for additive solvers in "
         "two halves.")},
    &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
