#include "conformance/field_values.hpp"

#include <cmath>
#include <odeon/sdk/error.hpp>
#include <set>

#include "conformance/field_case.hpp"
#include "data/array.hpp"
#include "data/error.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host::conformance {
namespace {

constexpr int64_t kRows = 3;
// Sums in another order.
constexpr double kRoundOff = 1e-12;
// Sums of some thousand terms lose three digits of seven.
constexpr double kSingle = 1e-3;

// The first rule that what `info` says breaks; empty: none.
std::string broken_rule(const odeon_field_info& info) {
  if (info.state_rank < 1 || info.state_rank >= ODEON_MAX_RANK)
    return "state_rank is " + std::to_string(info.state_rank) + ", which must be 1 to " +
           std::to_string(ODEON_MAX_RANK - 1) + ", so that the batch fits in front";
  if (checked_count({info.state_shape, static_cast<size_t>(info.state_rank)}) < 1)
    return "state_shape has an axis that is not positive";
  if (info.n_slots < 0 || (info.n_slots > 0 && !info.slots)) return "n_slots and slots do not match";
  std::set<std::string> names;
  for (int64_t i = 0; i < info.n_slots; ++i) {
    const odeon_parameter_slot* slot = info.slots[i];
    if (!slot || slot->struct_size == 0)
      return "slot " + std::to_string(i) + " is NULL or has no struct_size";
    const std::string name(to_view(slot->name));
    if (name.empty()) return "slot " + std::to_string(i) + " has no name";
    if (!names.insert(name).second) return "two slots have the name '" + name + "'";
    if (slot->rank < 0 || slot->rank > ODEON_MAX_RANK ||
        checked_count({slot->shape, static_cast<size_t>(slot->rank)}) < 1)
      return "slot '" + name + "' has a shape that is not positive";
    if (slot->init < ODEON_INIT_CONSTANT || slot->init > ODEON_INIT_VALUES)
      return "slot '" + name + "' has the unknown init " + std::to_string(slot->init);
    if (slot->init == ODEON_INIT_VALUES && !slot->values)
      return "slot '" + name + "' has init VALUES and none";
  }
  return "";
}

// The first rule of a field's graph that this one breaks; empty: none.
std::string broken_rule(const Graph& graph, const Field& field) {
  Shape state = field.state_shape();
  state.insert(state.begin(), ODEON_BATCH);
  if (graph.outputs.size() != 1 || graph.shape(graph.outputs[0]) != state)
    return "a field's graph has one output of shape " + to_string(state);
  for (const odeon_node& node : graph.nodes) {
    if (node.op == ODEON_OP_INPUT && (node.ints[0] != 0 || shape_of(node) != state))
      return "a field's graph has one input of shape " + to_string(state);
    if (node.op == ODEON_OP_PARAMETER &&
        (node.ints[0] < 0 || node.ints[0] + row_elements(shape_of(node)) > field.parameter_count()))
      return "a PARAMETER node reads beyond the slots";
  }
  return "";
}

}  // namespace

Finding describes_itself(const Subject& s) {
  const auto& api = s.api<odeon_field_api>();
  const ComponentChoice choice = s.choice();
  const odeon_field_context context = s.field_context();
  odeon_field* field = nullptr;
  call(s.name(), api.create, &host_table(), &choice.options.value(), &context, &field);
  odeon_field_info info{}, again{};
  info.struct_size = again.struct_size = sizeof info;
  call(s.name(), api.info, field, &info);
  call(s.name(), api.info, field, &again);
  if (const std::string rule = broken_rule(info); !rule.empty()) return fail(rule);
  const std::vector<int64_t> shape(info.state_shape, info.state_shape + info.state_rank);
  if (shape != std::vector<int64_t>(again.state_shape, again.state_shape + again.state_rank) ||
      info.slots != again.slots || info.n_slots != again.n_slots)
    return fail("it says something else when it is asked again");
  if (!s.given.state.empty() && shape != s.given.state)
    return fail("its state has another shape than --state gave it");
  std::string figure = "state";
  for (const int64_t d : shape) figure += " " + std::to_string(d);
  call_release(s.name(), api.destroy, field);
  return pass(figure + ", " + std::to_string(info.n_slots) + " parameter slots");
}

Finding lowers_to_its_graph(const Subject& s) {
  FieldCase c(s, kRows);  // the rules of graphs are checked there
  const Graph* graph = c.field().graph();
  if (!graph) return skip("it computes by itself");
  if (const std::string rule = broken_rule(*graph, c.field()); !rule.empty()) return fail(rule);
  const std::string figure = std::to_string(graph->nodes.size()) + " nodes";
  if (!c.field().api().eval) return pass(figure);

  const FieldData d = c.data(5);
  const Numbers by_graph = c.eval(d), by_itself = c.eval_by_itself(d);
  const double worst = largest_difference(by_graph, by_itself);
  if (!(worst <= kRoundOff * largest(by_graph)))
    return fail(text("eval differs from the graph by %.3g", worst));
  return pass(figure + text(", eval agrees to %.1e", worst));
}

Finding evaluates(const Subject& s) {
  FieldCase c(s, kRows);
  const FieldData d = c.data(1);
  const Numbers dy = c.eval(d), at_first_time = c.eval({d.y, d.theta, Numbers(kRows, d.t[0])}, true);
  for (size_t i = 0; i < dy.size(); ++i)
    if (!std::isfinite(dy[i]))
      return fail("element " + std::to_string(i % size_t(c.row_elements())) + " of row " +
                  std::to_string(i / size_t(c.row_elements())) +
                  " was not written, or is not finite for states between 0.2 and 0.8");
  if (!(largest_difference(c.eval(d, false), at_first_time) <= kRoundOff * largest(dy)))
    return fail("a time for all rows and the same time for each row give different values");
  c.eval(d);
  if (c.inputs().y != d.y || c.inputs().theta != d.theta) return fail("eval changed its input");
  return pass("");
}

Finding halves_add_up(const Subject& s) {
  FieldCase c(s, kRows);
  const Field::Halves* halves = c.field().halves();
  if (!halves) return skip("it does not split itself");
  for (const Graph* graph : {&halves->implicit_half, &halves->explicit_half})
    if (const std::string rule = broken_rule(*graph, c.field()); !rule.empty()) return fail(rule);
  const FieldData d = c.data(6);
  const Numbers whole = c.eval(d), sum = c.eval_halves(d);
  const double worst = largest_difference(whole, sum);
  if (!(worst <= kRoundOff * std::max(1.0, largest(whole))))
    return fail(text("the sum of the halves differs from the field by %.3g", worst));
  return pass(text("their sum agrees to %.1e", worst));
}

Finding rows_are_independent(const Subject& s) {
  FieldCase all(s, kRows);
  const FieldData d = all.data(2);
  const Numbers dy = all.eval(d);
  const size_t n = static_cast<size_t>(all.row_elements());
  double worst = 0;
  for (size_t r = 0; r < size_t(kRows); ++r) {
    FieldCase one(s, 1);
    const auto at = d.y.begin() + static_cast<long>(r * n);
    const Numbers alone = one.eval({{at, at + static_cast<long>(n)}, d.theta, {d.t[r]}});
    const auto here = dy.begin() + static_cast<long>(r * n);
    worst = std::max(worst, largest_difference(alone, {here, here + static_cast<long>(n)}));
  }
  if (!(worst <= kRoundOff * largest(dy)))
    return fail(text("a row alone differs from itself in a batch by %.3g", worst));
  return pass("");
}

Finding evaluates_to_the_same_bits(const Subject& s) {
  FieldCase c(s, kRows), other(s, kRows);
  const FieldData d = c.data(3);
  const Numbers first = c.eval(d);
  if (c.eval(d) != first) return fail("another evaluation gives other bits");
  if (other.eval(d) != first) return fail("another instance gives other bits");
  return pass("");
}

Finding evaluates_in_single_precision(const Subject& s) {
  FieldCase single(s, kRows, ODEON_F32), twice(s, kRows);
  const FieldData d = single.data(4);
  const Numbers x = single.eval(d), y = twice.eval(d);
  const double worst = largest_difference(x, y);
  const std::string figure = text("differs from double precision by %.1e", worst);
  return worst <= kSingle * std::max(largest(y), kSingle) ? pass(figure) : fail(figure);
}

}  // namespace odeon::host::conformance
