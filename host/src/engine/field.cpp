#include <odeon/ext/split.h>

#include <algorithm>

#include "autodiff/passes.hpp"
#include "autodiff/tangent.hpp"
#include "autodiff/vjp.hpp"
#include "data/error.hpp"
#include "engine/field_program.hpp"
#include "loader/registry.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

// Every field has its state as INPUT 0, also one that does not read it: derivative products number their
// inputs from there.
Graph with_state(Graph graph, std::span<const int64_t> state_shape) {
  if (find_input(graph, 0)) return graph;
  odeon_node state{};
  state.op = ODEON_OP_INPUT;
  state.rank = 1 + static_cast<int32_t>(state_shape.size());
  state.shape[0] = ODEON_BATCH;
  std::copy(state_shape.begin(), state_shape.end(), state.shape + 1);
  graph.nodes.push_back(state);
  return graph;
}

}  // namespace

std::shared_ptr<Field> Field::create(const LoadedComponent& component, const odeon_value* options,
                                     std::optional<std::vector<int64_t>> state_shape) {
  std::shared_ptr<Field> f(new Field);
  f->keep_alive_ = component.plugin;
  f->id_ = component.id;
  f->api_ = static_cast<const odeon_field_api*>(component.descriptor->vtable);
  f->name_ = "field '" + component.id + "'";
  odeon_field_context context{};
  context.struct_size = sizeof context;
  context.state_rank = -1;
  if (state_shape) {
    context.state_rank = static_cast<int32_t>(state_shape->size());
    for (size_t i = 0; i < state_shape->size(); ++i) context.state_shape[i] = (*state_shape)[i];
  }
  if (component.make_field)
    f->handle_ = component.make_field(context);
  else
    call(f->name_, f->api_->create, &host_table(), options, &context, &f->handle_);
  f->info_.struct_size = sizeof f->info_;
  call(f->name_, f->api_->info, f->handle_, &f->info_);
  f->state_shape_.assign(f->info_.state_shape, f->info_.state_shape + f->info_.state_rank);
  for (int64_t i = 0; i < f->info_.n_slots; ++i) {
    int64_t n = 1;
    for (int32_t d = 0; d < f->info_.slots[i]->rank; ++d) n *= f->info_.slots[i]->shape[d];
    f->parameter_count_ += n;
  }
  if (f->api_->get_ext)
    f->events_ = static_cast<const odeon_field_events_api*>(
        call_slot(f->name_, f->api_->get_ext, f->handle_, to_str(ODEON_EXT_FIELD_EVENTS)));
  if (f->api_->lower) {
    odeon_graph graph{};
    graph.struct_size = sizeof graph;
    const odeon_status status = call_slot(f->name_, f->api_->lower, f->handle_, &graph);
    if (status == ODEON_OK) f->graph_ = with_state(validated_graph(graph, f->name_), f->state_shape_);
    if (status != ODEON_OK && !(status == ODEON_E_UNSUPPORTED && f->api_->eval)) check_call(status, f->name_);
  }
  f->lower_halves();
  return f;
}

std::shared_ptr<Field> Field::with_tangent(std::shared_ptr<const Field> field) {
  static constexpr odeon_field_api kOnlyAGraph{};
  std::shared_ptr<Field> f(new Field);
  f->id_ = field->id_;
  f->name_ = field->name_ + " with its tangent";
  f->api_ = &kOnlyAGraph;
  int64_t n = 1;
  for (int64_t d : field->state_shape_) n *= d;
  f->state_shape_ = {2 * n};
  f->parameter_count_ = 2 * field->parameter_count_;
  const auto extended = [&](const Graph& g) {
    return with_state(host::with_tangent(g, field->state_shape_, field->parameter_count_), f->state_shape_);
  };
  f->graph_ = extended(*field->graph_);
  if (field->halves_)
    f->halves_ = {extended(field->halves_->implicit_half), extended(field->halves_->explicit_half)};
  f->keep_alive_ = std::move(field);
  return f;
}

std::shared_ptr<Field> Field::derived(std::shared_ptr<const Field> base, Graph graph,
                                      std::vector<int64_t> state_shape) {
  std::shared_ptr<Field> f(new Field);
  f->id_ = base->id_;
  f->name_ = base->name_;
  f->api_ = base->api_;
  f->info_ = base->info_;  // the slots are base's, which is kept alive
  f->info_.state_names = nullptr;
  f->info_.state_rank = static_cast<int32_t>(state_shape.size());
  std::copy(state_shape.begin(), state_shape.end(), f->info_.state_shape);
  f->state_shape_ = std::move(state_shape);
  f->parameter_count_ = base->parameter_count_;
  f->graph_ = with_state(std::move(graph), f->state_shape_);
  f->keep_alive_ = std::move(base);
  return f;
}

void Field::lower_halves() {
  if (!api_->get_ext) return;
  const auto* split = static_cast<const odeon_field_split_api*>(
      call_slot(name_, api_->get_ext, handle_, to_str(ODEON_EXT_FIELD_SPLIT)));
  if (!split) return;
  const std::string table = name_ + ": the table " ODEON_EXT_FIELD_SPLIT;
  if (!ODEON_HAS(split, lower)) throw PluginError(table + " is smaller than its first version");
  if (!split->lower) throw PluginError(table + " has no 'lower'");
  odeon_graph graphs[2]{};
  for (odeon_graph& graph : graphs) graph.struct_size = sizeof graph;
  call(name_, split->lower, handle_, &graphs[0], &graphs[1]);
  halves_ = {with_state(validated_graph(graphs[0], name_ + " (implicit half)"), state_shape_),
             with_state(validated_graph(graphs[1], name_ + " (explicit half)"), state_shape_)};
}

Field::~Field() {
  if (handle_) call_release(name_, api_->destroy, handle_);
}

}  // namespace odeon::host
