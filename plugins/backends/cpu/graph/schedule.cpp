#include "graph/schedule.hpp"

#include <algorithm>

namespace odeon::cpu {
namespace {

// Steps are made from the last to the first; rank r runs before rank r - 1.
class Scheduler {
 public:
  explicit Scheduler(const Analysis& analysis) : a_(analysis) {
    const size_t n = a_.values.size();
    before_.assign(n, -1);
    readers_.resize(n);
    rank_.assign(n, -1);
    outside_.assign(n, 0);
    for (size_t i = 0; i < n; ++i)
      if (a_.values[i].output >= 0 || a_.values[i].stored_in >= 0) outside_[i] = 1;
    for (int32_t o : a_.outputs) outside_[size_t(a_.at(o).root)] = 1;
    for (int i = static_cast<int>(n) - 1; i >= 0; --i) place(i);
  }

  Schedule finish() {
    Schedule s;
    s.in_memory = outside_;
    const int n_steps = static_cast<int>(steps_.size());
    for (int r : rank_) s.step_of.push_back(r < 0 ? -1 : n_steps - 1 - r);
    std::reverse(steps_.begin(), steps_.end());
    for (StepPlan& step : steps_) std::reverse(step.values.begin(), step.values.end());
    s.steps = std::move(steps_);
    return s;
  }

 private:
  void place(int i) {
    const Analysis::Value& v = a_.at(i);
    if (!v.needed) return;
    if (v.joined) {
      int bound = before_[size_t(i)];
      for (int r : readers_[size_t(i)]) bound = std::max(bound, r);
      for (int k = 0; k < 2; ++k) read_whole(v.node.inputs[k], bound);
      return;
    }
    if (v.role == Role::step) {
      const int rank = add_step(false, v.count);
      assign(i, rank);
      for (int32_t k = 0; k < v.node.n_inputs; ++k) read_whole(v.node.inputs[k], rank);
      return;
    }
    const bool written_view = v.role == Role::view && v.written_out;
    if (v.role != Role::elementwise && !written_view) return;
    const int rank = group_for(i);
    assign(i, rank);
    for (int32_t k = 0; k < v.node.n_inputs; ++k) {
      const int u = v.node.inputs[k];
      if (written_view)
        read_whole(u, rank);
      else if (a_.is_folded(u))
        read_view(a_.at(u).root, rank);
      else if (a_.is_whole(u))
        readers_[size_t(a_.at(u).root)].push_back(rank);
      else
        read_whole(u, rank);
    }
  }

  // The step reads u's memory anywhere, so u must be complete before.
  void read_whole(int u, int rank) {
    const size_t root = size_t(a_.at(u).root);
    before_[root] = std::max(before_[root], rank);
    outside_[root] = 1;
  }
  void read_view(int view, int rank) {
    const Analysis::Value& v = a_.at(view);
    for (int32_t k = 0; k < v.node.n_inputs; ++k) read_whole(v.node.inputs[k], rank);
  }

  int add_step(bool is_group, int64_t count) {
    steps_.push_back({is_group, count, {}});
    return static_cast<int>(steps_.size()) - 1;
  }

  int group_for(int i) {
    const size_t v = size_t(i);
    int lowest = before_[v] + 1;
    for (int r : readers_[v]) lowest = std::max(lowest, r);
    for (size_t r = size_t(lowest); r < steps_.size(); ++r)
      if (steps_[r].is_group && steps_[r].count == a_.at(i).count) return static_cast<int>(r);
    return add_step(true, a_.at(i).count);
  }

  void assign(int i, int rank) {
    rank_[size_t(i)] = rank;
    steps_[size_t(rank)].values.push_back(i);
    for (int r : readers_[size_t(i)])
      if (r != rank) outside_[size_t(i)] = 1;
  }

  const Analysis& a_;
  std::vector<StepPlan> steps_;
  std::vector<int> before_;                // value must run at a greater rank
  std::vector<std::vector<int>> readers_;  // groups that read it element by element
  std::vector<int> rank_;
  std::vector<char> outside_;
};

}  // namespace

void Schedule::reorder(const std::vector<int>& order) {
  std::vector<StepPlan> moved;
  std::vector<int> place(order.size());
  for (int s : order) {
    place[size_t(s)] = static_cast<int>(moved.size());
    moved.push_back(std::move(steps[size_t(s)]));
  }
  steps = std::move(moved);
  for (int& s : step_of)
    if (s >= 0) s = place[size_t(s)];
}

Schedule make_schedule(const Analysis& analysis) { return Scheduler(analysis).finish(); }

}  // namespace odeon::cpu
