#include "graph/plan.hpp"

#include <iterator>
#include <odeon/sdk/arguments.hpp>
#include <odeon/sdk/host_memory.hpp>

#include "graph/rows.hpp"

namespace odeon::cpu {

template <class T>
void Plan<T>::Release::operator()(T* memory) const {
  host_memory::release(memory);
}

template <class T>
Plan<T>::Plan(odeon_backend& backend, const odeon_graph& graph, int64_t batch)
    : backend_(backend), batch_(batch) {
  const Analysis analysis(graph, batch, sizeof(T) == 4 ? ODEON_F32 : ODEON_F64);
  Schedule schedule = make_schedule(analysis);
  const std::vector<Segment> segments = make_segments(analysis, schedule, batch);
  Layout layout(analysis, schedule, segments, batch, sizeof(T));
  FixedBlocks fixed;
  for (size_t i = 0; i < segments.size(); ++i) {
    std::vector<std::unique_ptr<Step<T>>> steps;
    for (int s = segments[i].first; s < segments[i].last; ++s)
      steps.push_back(
          schedule.steps[size_t(s)].is_group
              ? emit_group<T>(analysis, schedule, s, batch, layout, fixed)
              : emit_step<T>(analysis, layout, schedule.steps[size_t(s)].values[0], segments[i].by_rows));
    if (segments[i].by_rows)
      steps_.push_back(
          std::make_unique<Rows<T>>(std::move(steps), batch, layout.rows_at_once(i), layout.row_scratch(i)));
    else
      std::move(steps.begin(), steps.end(), std::back_inserter(steps_));
  }
  n_inputs_ = layout.n_inputs();
  for (size_t i = 0; i < analysis.values.size(); ++i) {
    const Analysis::Value& v = analysis.values[i];
    if (v.needed && v.node.op == ODEON_OP_TIME) times_.push_back(layout.place(static_cast<int>(i)));
    if (v.needed && v.node.op == ODEON_OP_PARAMETER)
      theta_end_ = std::max(theta_end_, v.node.ints[0] + v.count);
  }
  for (size_t k = 0; k < analysis.outputs.size(); ++k) {
    const int o = analysis.outputs[k];
    const bool direct = analysis.root_of(o).output == static_cast<int>(k);
    const int64_t count = analysis.at(o).count;
    outputs_.push_back({layout.place(o), count, direct ? layout.first_output() + static_cast<int>(k) : -1,
                        direct ? layout.reserve(count) : 0});
  }
  int64_t shared = 0;
  for (const auto& step : steps_) {
    shared = std::max(shared, step->shared_scratch());
    local_size_ = std::max(local_size_, layout.rounded(step->local_scratch()));
  }
  shared_ = layout.reserve(shared);
  local_ = layout.reserve(local_size_ * backend.threads);
  arena_size_ = layout.size();
  arena_.reset(static_cast<T*>(host_memory::allocate(arena_size_ * static_cast<int64_t>(sizeof(T)))));
  bases_.resize(size_t(layout.first_output()) + outputs_.size());
  bases_[kArena] = arena_.get();
  fill_constants(analysis, layout, fixed);
}

template <class T>
void Plan<T>::fill_constants(const Analysis& analysis, const Layout& layout, const FixedBlocks& fixed) {
  for (const auto& [bits, offset] : fixed.offsets())
    std::fill_n(arena_.get() + offset, 4096 / sizeof(T), static_cast<T>(std::bit_cast<double>(bits)));
  for (size_t i = 0; i < analysis.values.size(); ++i) {
    const Analysis::Value& v = analysis.values[i];
    if (v.needed && v.role == Role::constant && v.written_out)
      std::fill_n(arena_.get() + layout.place(static_cast<int>(i)).offset, v.count, static_cast<T>(v.number));
  }
}

template <class T>
void Plan<T>::bind(const odeon_plan_args& args) {
  if (args.n_inputs < n_inputs_ || args.n_outputs != static_cast<int64_t>(outputs_.size()))
    throw Error("plan: " + std::to_string(args.n_inputs) + " inputs and " + std::to_string(args.n_outputs) +
                " outputs were given; the graph has " + std::to_string(n_inputs_) + " and " +
                std::to_string(outputs_.size()));
  if (theta_end_ > 0 && (!args.theta || element_count(*args.theta) < theta_end_))
    throw Error("plan: the graph reads " + std::to_string(theta_end_) + " parameters; theta is shorter");
  bases_[kTheta] = args.theta ? data<T>(*args.theta) : nullptr;
  for (int i = 0; i < n_inputs_; ++i) bases_[size_t(kFirstInput + i)] = data<T>(args.inputs[i]);
  for (size_t k = 0; k < outputs_.size(); ++k) {
    const Output& o = outputs_[k];
    if (o.base >= 0)
      bases_[size_t(o.base)] =
          args.modes[k] == ODEON_WRITE_OVERWRITE ? data<T>(args.outputs[k]) : arena_.get() + o.spill;
  }
  for (const Place& p : times_) {
    T* t = arena_.get() + p.offset;
    for (int64_t r = 0; r < batch_; ++r) t[r] = static_cast<T>(value_of(args.t, r));
  }
}

// Outputs that the steps could not write in place.
template <class T>
void Plan<T>::deliver(const odeon_plan_args& args) {
  for (size_t k = 0; k < outputs_.size(); ++k) {
    const Output& o = outputs_[k];
    if (args.modes[k] == ODEON_WRITE_SKIP || (o.base >= 0 && args.modes[k] == ODEON_WRITE_OVERWRITE))
      continue;
    const T* from = bases_[size_t(o.value.base)] + o.value.offset;
    T* to = data<T>(args.outputs[k]);
    if (args.modes[k] == ODEON_WRITE_OVERWRITE)
      std::copy_n(from, o.count, to);
    else
      for (int64_t i = 0; i < o.count; ++i) to[i] += from[i];
  }
}

template <class T>
void Plan<T>::run(const odeon_plan_args& args) {
  bind(args);
  const Run<T> run{backend_, bases_.data(), arena_.get() + shared_, arena_.get() + local_, local_size_};
  for (const auto& step : steps_) step->run(run);
  deliver(args);
}

template class Plan<float>;
template class Plan<double>;

}  // namespace odeon::cpu
