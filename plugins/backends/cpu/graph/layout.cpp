#include "graph/layout.hpp"

#include <algorithm>

namespace odeon::cpu {

Layout::Layout(const Analysis& analysis, const Schedule& schedule, int64_t element_bytes)
    : a_(analysis), line_(64 / element_bytes), offset_(analysis.values.size(), -1) {
  for (size_t i = 0; i < a_.values.size(); ++i) {
    const Analysis::Value& v = a_.values[i];
    if (v.node.op == ODEON_OP_INPUT) n_inputs_ = std::max(n_inputs_, static_cast<int>(v.node.ints[0]) + 1);
    const bool fixed = (v.role == Role::constant && v.written_out) || v.node.op == ODEON_OP_TIME;
    if (v.needed && fixed) offset_[i] = reserve(v.count);
  }
  share(analysis, schedule);
}

// First fit over lifetimes, in the order of the steps that write.
void Layout::share(const Analysis& a, const Schedule& schedule) {
  struct Lifetime {
    int first = -1, last = -1;
  };
  std::vector<Lifetime> lives(a.values.size());
  const auto touch = [&](int value, int step) {
    const int root = a.at(value).root;
    const Role role = a.at(root).role;
    if (role == Role::source || role == Role::constant ||
        (role == Role::view && !a.at(root).written_out && !a.at(root).joined))
      return;
    const int owner = a.owner(root);
    if (a.at(owner).output >= 0) return;
    Lifetime& life = lives[size_t(owner)];
    if (life.first < 0) life.first = step;
    life.last = std::max(life.last, step);
  };
  const int end = static_cast<int>(schedule.steps.size());
  for (int s = 0; s < end; ++s)
    for (int v : schedule.steps[size_t(s)].values) {
      if (schedule.in_memory[size_t(v)]) touch(v, s);
      for (int32_t k = 0; k < a.at(v).node.n_inputs; ++k) {
        const int u = a.at(v).node.inputs[k], root = a.at(u).root;
        if (a.is_folded(u)) {
          for (int32_t j = 0; j < a.at(root).node.n_inputs; ++j) touch(a.at(root).node.inputs[j], s);
        } else if (schedule.step_of[size_t(root)] != s || schedule.in_memory[size_t(root)]) {
          touch(u, s);
        }
      }
    }
  for (int32_t o : a.outputs) touch(o, end);

  std::vector<int> order;
  for (size_t i = 0; i < lives.size(); ++i)
    if (lives[i].first >= 0) order.push_back(static_cast<int>(i));
  std::stable_sort(order.begin(), order.end(),
                   [&](int x, int y) { return lives[size_t(x)].first < lives[size_t(y)].first; });
  const int64_t base = size_;
  std::vector<int> placed;  // by offset
  for (int i : order) {
    const int64_t need = rounded(a.at(i).count);
    int64_t at = base;
    std::erase_if(placed, [&](int p) { return lives[size_t(p)].last < lives[size_t(i)].first; });
    for (int p : placed) {
      if (offset_[size_t(p)] - at >= need) break;
      at = std::max(at, offset_[size_t(p)] + rounded(a.at(p).count));
    }
    offset_[size_t(i)] = at;
    placed.insert(std::upper_bound(placed.begin(), placed.end(), i,
                                   [&](int x, int y) { return offset_[size_t(x)] < offset_[size_t(y)]; }),
                  i);
    size_ = std::max(size_, at + need);
  }
}

Place Layout::place(int i) const {
  const int root = a_.at(i).root;
  const Analysis::Value& r = a_.at(root);
  const int64_t offset = a_.at(i).offset;
  if (r.node.op == ODEON_OP_INPUT) return {kFirstInput + static_cast<int>(r.node.ints[0]), offset};
  if (r.node.op == ODEON_OP_PARAMETER) return {kTheta, r.node.ints[0] + offset};
  int64_t stored = 0;
  const int owner = a_.owner(root, &stored);
  if (a_.at(owner).output >= 0) return {first_output() + a_.at(owner).output, offset + stored};
  return {kArena, offset_[size_t(owner)] + offset + stored};
}

}  // namespace odeon::cpu
