// The field `expression`: one formula per state variable.
#include <algorithm>
#include <odeon/sdk/expression.hpp>
#include <odeon/sdk/graph_field.hpp>

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
                    "relu sigmoid softplus erf min max pow; names of states and parameters, t, pi, e."),
                ODEON_OPTION_REQUIRED);
constexpr const odeon_option* kOptions[] = {&kState, &kParameters, &kDerivatives};

void check_name(std::string_view name, int32_t mark, const expression::Names& taken) {
  if (!expression::is_name(name))
    throw Error("'" + std::string(name) + "' is not a name: letters, digits and _, beginning with a letter",
                ODEON_E_INVALID, mark);
  if (name == "t") throw Error("'t' is the time; choose another name", ODEON_E_INVALID, mark);
  if (taken.contains(name))
    throw Error("the name '" + std::string(name) + "' stands twice; rename one", ODEON_E_INVALID, mark);
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
    check_name(name, state.children[i].mark, names);
    names[name] = g.slice(y, 1, i, i + 1);
    field.state_names.push_back(name);
  }
  for (int64_t i = 0; i < parameters.size; ++i) {
    const std::string name(to_view(parameters.keys[i]));
    check_name(name, parameters.children[i].mark, names);
    names[name] = g.parameter(i, {});
    field.slots.push_back({name, {}, ODEON_INIT_VALUES, 0, 0, {parameters.children[i].real}});
  }
  names["t"] = g.reshape(g.time(), {ODEON_BATCH, 1});
  for (int64_t i = 0; i < derivatives.size; ++i)
    if (std::find(field.state_names.begin(), field.state_names.end(), to_view(derivatives.keys[i])) ==
        field.state_names.end())
      throw Error("'derivatives' has '" + std::string(to_view(derivatives.keys[i])) +
                      "', which is not in 'state'; add it there or remove it",
                  ODEON_E_INVALID, derivatives.children[i].mark);
  Value out;
  for (const std::string& name : field.state_names) {
    const odeon_value* formula = nullptr;
    for (int64_t i = 0; i < derivatives.size; ++i)
      if (to_view(derivatives.keys[i]) == name) formula = &derivatives.children[i];
    if (!formula)
      throw Error("'derivatives' lacks the derivative of '" + name + "'; add '" + name + ": formula'",
                  ODEON_E_INVALID, derivatives.mark);
    const Value column = g.broadcast_to(expression::parse(g, names, to_view(formula->string),
                                                          "the derivative of '" + name + "'", formula->mark),
                                        {ODEON_BATCH, 1});
    out = out.id < 0 ? column : g.concat(out, column, 1);
  }
  g.mark_output(out);
  field.graph = g.finish();
  return field;
}

constexpr odeon_field_api kApi = GraphFieldApi<make>::table();
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_FIELD,
    {str("expression"), str("Formulas in the configuration"),
     str("One formula per state variable, parsed into an op graph and differentiated exactly.")},
    &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
