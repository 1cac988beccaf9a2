#include "train/series/recurrent_cell.hpp"

#include <cmath>

#include "data/error.hpp"

namespace odeon::host {
namespace {

// W x + b and U h + c of all gates side by side, [batch, gates * hidden].
struct Projections {
  Value of_input, of_state;
};

Projections project(GraphBuilder& g, const CellChoice& cell, int64_t gates, Value x, Value h, Parameters& p,
                    const std::string& prefix) {
  const int64_t width = g.shape(x)[1], rows = gates * cell.hidden;
  const double bound = 1 / std::sqrt(static_cast<double>(cell.hidden));
  const auto add = [&](const char* name, const Shape& shape) {
    return p.add(g, prefix + name, shape, ODEON_INIT_UNIFORM, -bound, bound);
  };
  const Value weight_x = add("weight_ih", {rows, width}), weight_h = add("weight_hh", {rows, cell.hidden});
  const Value bias_x = add("bias_ih", {rows}), bias_h = add("bias_hh", {rows});
  return {g.add(g.matmul(x, weight_x, false, true), bias_x),
          g.add(g.matmul(h, weight_h, false, true), bias_h)};
}

Value next_state(GraphBuilder& g, const CellChoice& cell, Value x, Value h, Parameters& p,
                 const std::string& prefix) {
  if (cell.kind == CellChoice::Kind::rnn) {
    const Projections a = project(g, cell, 1, x, h, p, prefix);
    return g.tanh(g.add(a.of_input, a.of_state));
  }
  const Projections a = project(g, cell, 3, x, h, p, prefix);
  const auto gate = [&](Value v, int64_t i) { return g.slice(v, 1, i * cell.hidden, (i + 1) * cell.hidden); };
  const Value reset = g.sigmoid(g.add(gate(a.of_input, 0), gate(a.of_state, 0)));
  const Value keep = g.sigmoid(g.add(gate(a.of_input, 1), gate(a.of_state, 1)));
  const Value candidate = g.tanh(g.add(gate(a.of_input, 2), g.mul(reset, gate(a.of_state, 2))));
  return g.add(candidate, g.mul(keep, g.sub(h, candidate)));
}

}  // namespace

CellChoice read_cell(const ConfigNode& node, const std::string& what) {
  if (node.kind != ConfigNode::Kind::map || node.entries.size() != 1)
    throw ConfigError(node.where + ": " + what +
                      " must be {rnn: SIZE} or {gru: SIZE}, such as {gru: 25}; found " + describe(node));
  check_keys(node, what, cell_section(kNoText, kNoText));
  const auto& [key, size] = node.entries.front();
  const CellChoice cell{key == "rnn" ? CellChoice::Kind::rnn : CellChoice::Kind::gru,
                        read_integer(size, "'" + key + "'")};
  if (cell.hidden < 1 || cell.hidden > kLargestState)
    throw ConfigError(size.where + ": '" + key + "' must be from 1 to " + std::to_string(kLargestState) +
                      ", the size of the state; found " + size.text);
  return cell;
}

Graph cell_graph(const CellChoice& cell, int64_t width, Parameters& parameters, const std::string& prefix) {
  GraphBuilder g;
  const Value h = g.input(0, {ODEON_BATCH, cell.hidden}), x = g.input(1, {ODEON_BATCH, width}),
              mask = g.input(2, {ODEON_BATCH, 1});
  const Value next = next_state(g, cell, x, h, parameters, prefix);
  g.mark_output(g.add(h, g.mul(mask, g.sub(next, h))));
  return g.finish();
}

}  // namespace odeon::host
