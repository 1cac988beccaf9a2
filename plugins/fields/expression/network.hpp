// The network of an `expression` field: what formulas do not know, as named numbers that they use.
// C. Rackauckas et al., Universal Differential Equations for Scientific Machine Learning, arXiv:2001.04385
// (2020).
#pragma once
#include <algorithm>
#include <odeon/sdk/expression.hpp>
#include <odeon/sdk/layers/network.hpp>

namespace odeon::formula_network {

inline constexpr odeon_option kInputs = make_option(
    ODEON_OPTION_STRINGS, str("inputs"), kNoText,
    str("What the network sees: formulas of states, parameters and t, such as log(x) or y/100; one with a "
        "comma needs quotes."),
    ODEON_OPTION_REQUIRED);
inline constexpr odeon_option kOutputs = make_option(
    ODEON_OPTION_STRINGS, str("outputs"), kNoText,
    str("Names for the numbers that the last layer gives; `derivatives` and `explicit` may use them."),
    ODEON_OPTION_REQUIRED);

// No SHORTHAND: a list alone would not say what goes in and comes out.
constexpr odeon_option layers_option() {
  odeon_option o = layers::network_option(str("layers"));
  o.flags = ODEON_OPTION_REQUIRED;
  return o;
}
inline constexpr odeon_option kLayers = layers_option();
inline constexpr const odeon_option* kChildren[] = {&kInputs, &kOutputs, &kLayers};

inline constexpr odeon_option kNetwork = with_children(
    make_option(
        ODEON_OPTION_GROUP, str("network"), kNoText,
        str("A network for terms that are not known (Rackauckas et al., arXiv:2001.04385). Its parameters "
            "follow those of `parameters`, as network.0.weight and so on: the names that a torch.nn.Module "
            "gives to its attribute `network`, a torch.nn.Sequential of the same layers.")),
    kChildren);

inline void require_entries(const odeon_value& list, const std::string& message) {
  if (list.size == 0) throw Error(message, ODEON_E_INVALID, list.mark);
}

// Half of a formula: what YAML makes of one with a comma.
inline void require_whole(const odeon_value& inputs, int64_t i, const std::string& what) {
  const std::string text(to_view(inputs.children[i].string));
  const auto count = [&](char c) { return std::count(text.begin(), text.end(), c); };
  if (count('(') > count(')') && i + 1 < inputs.size)
    throw Error(what + " ends within parentheses: '" + text + "'; write a formula with a comma in quotes, '" +
                    text + ", " + std::string(to_view(inputs.children[i + 1].string)) + "'",
                ODEON_E_INVALID, inputs.children[i].mark);
}

// The inputs' formulas as one row, [batch, inputs].
inline Value input_row(GraphBuilder& g, const expression::Names& names, const odeon_value& inputs) {
  require_entries(inputs, "'inputs' of the network lists nothing; list at least one formula");
  Value row;
  for (int64_t i = 0; i < inputs.size; ++i) {
    const odeon_value& formula = inputs.children[i];
    const std::string what = "input " + std::to_string(i + 1) + " of the network";
    require_whole(inputs, i, what);
    row = expression::with_column(g, row,
                                  expression::parse(g, names, to_view(formula.string), what, formula.mark));
  }
  return row;
}

// Appends the network, its slots behind those that are there, and enters its outputs into `names`.
// network: the checked group. offset: of its first parameter in theta.
inline void append(GraphBuilder& g, std::vector<GraphField::Slot>& slots, int64_t offset,
                   expression::Names& names, const odeon_value& network) {
  const Options options(&network);
  const odeon_value &outputs = options.at("outputs"), &list = options.at("layers");
  require_entries(outputs,
                  "'outputs' of the network names nothing; name at least one number for formulas to use");
  require_entries(list, "'layers' of the network has no layer; list at least one");
  const Value row = input_row(g, names, options.at("inputs"));
  const Value out = layers::Network(g, slots, offset).append(list, row, "network.");
  const int64_t width = g.shape(out)[1];
  if (width != outputs.size)
    throw Error("the network ends with " + to_string(g.shape(out)) + ", but 'outputs' has " +
                    std::to_string(outputs.size) + (outputs.size == 1 ? " name" : " names") +
                    "; give each number a name, or change the last layer",
                ODEON_E_INVALID, outputs.mark);
  for (int64_t i = 0; i < width; ++i)
    expression::declare(names, to_view(outputs.children[i].string), g.slice(out, 1, i, i + 1),
                        outputs.children[i].mark);
}

}  // namespace odeon::formula_network
