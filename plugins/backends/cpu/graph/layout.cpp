#include "graph/layout.hpp"

#include <algorithm>

namespace odeon::cpu {
namespace {

// Rows that go through a segment together: their values in the first-level cache, or, where that would be
// fewer than a packed matrix pays for, in the second; and some for every thread.
constexpr int64_t kNearBytes = 32 * 1024, kMostNearRows = 1024, kFarBytes = 256 * 1024, kMostFarRows = 64,
                  kShares = 8;
// What keeps the values of rows at cache lines.
constexpr int64_t kRowStep = 16;

int64_t rows_of_block(int64_t batch, int64_t bytes_per_row) {
  const auto fitting = [&](int64_t bytes, int64_t most) {
    return std::min(most, bytes / std::max<int64_t>(1, bytes_per_row));
  };
  const int64_t rows = std::max(fitting(kNearBytes, kMostNearRows), fitting(kFarBytes, kMostFarRows));
  return std::max(std::min(rows, batch / kShares) / kRowStep, int64_t{1}) * kRowStep;
}

}  // namespace

Layout::Layout(const Analysis& analysis, const Schedule& schedule, const std::vector<Segment>& segments,
               int64_t batch, int64_t element_bytes)
    : a_(analysis),
      line_(64 / element_bytes),
      batch_(batch),
      offset_(analysis.values.size(), -1),
      in_rows_of_(analysis.values.size(), -1) {
  for (size_t i = 0; i < a_.values.size(); ++i) {
    const Analysis::Value& v = a_.values[i];
    if (v.node.op == ODEON_OP_INPUT) n_inputs_ = std::max(n_inputs_, static_cast<int>(v.node.ints[0]) + 1);
    const bool fixed = (v.role == Role::constant && v.written_out) || v.node.op == ODEON_OP_TIME;
    if (v.needed && fixed) offset_[i] = reserve(v.count);
  }
  std::vector<Lifetime> lives = lifetimes(schedule);
  place_in_rows(segments, lives, element_bytes);
  std::vector<int> rest;
  for (size_t i = 0; i < lives.size(); ++i)
    if (lives[i].first >= 0 && in_rows_of_[i] < 0) rest.push_back(static_cast<int>(i));
  size_ = std::max(size_, first_fit(std::move(rest), lives, size_, 1));
}

// By owner, of what needs memory that is not an output's.
std::vector<Layout::Lifetime> Layout::lifetimes(const Schedule& schedule) const {
  std::vector<Lifetime> lives(a_.values.size());
  const auto touch = [&](int value, int step) {
    const int root = a_.at(value).root;
    const Role role = a_.at(root).role;
    if (role == Role::source || role == Role::constant ||
        (role == Role::view && !a_.at(root).written_out && !a_.at(root).joined))
      return;
    const int owner = a_.owner(root);
    if (a_.at(owner).output >= 0) return;
    Lifetime& life = lives[size_t(owner)];
    if (life.first < 0) life.first = step;
    life.last = std::max(life.last, step);
  };
  const int end = static_cast<int>(schedule.steps.size());
  for (int s = 0; s < end; ++s) {
    for (int v : schedule.steps[size_t(s)].values)
      if (schedule.in_memory[size_t(v)]) touch(v, s);
    for_each_read(a_, schedule, s, [&](int value) { touch(value, s); });
  }
  for (int32_t o : a_.outputs) touch(o, end);
  return lives;
}

// A segment by rows does all of its steps at every time: what lives in it and beyond lives in all of it.
void Layout::place_in_rows(const std::vector<Segment>& segments, std::vector<Lifetime>& lives,
                           int64_t element_bytes) {
  for (size_t s = 0; s < segments.size(); ++s) {
    const Segment& segment = segments[s];
    const auto is_in = [&](int step) { return segment.first <= step && step < segment.last; };
    std::vector<int> own;
    for (size_t i = 0; segment.by_rows && i < lives.size(); ++i) {
      Lifetime& life = lives[i];
      if (is_in(life.first) && is_in(life.last)) {
        own.push_back(static_cast<int>(i));
        in_rows_of_[i] = static_cast<int>(s);
      } else if (life.first >= 0) {
        if (is_in(life.first)) life.first = segment.first;
        if (is_in(life.last)) life.last = segment.last - 1;
      }
    }
    const int64_t per_row = first_fit(own, lives, 0, batch_);
    const int64_t rows = rows_of_block(batch_, per_row * element_bytes);
    for (int i : own) offset_[size_t(i)] *= rows;
    rows_at_once_.push_back(rows);
    row_scratch_.push_back(per_row * rows);
  }
}

// Over lifetimes, in the order of the steps that write; sizes in `unit` elements. The end of all.
int64_t Layout::first_fit(std::vector<int> values, const std::vector<Lifetime>& lives, int64_t base,
                          int64_t unit) {
  const auto size = [&](int i) { return unit == 1 ? rounded(a_.at(i).count) : a_.at(i).count / unit; };
  std::stable_sort(values.begin(), values.end(),
                   [&](int x, int y) { return lives[size_t(x)].first < lives[size_t(y)].first; });
  std::vector<int> placed;  // by offset
  int64_t end = base;
  for (int i : values) {
    const int64_t need = size(i);
    int64_t at = base;
    std::erase_if(placed, [&](int p) { return lives[size_t(p)].last < lives[size_t(i)].first; });
    for (int p : placed) {
      if (offset_[size_t(p)] - at >= need) break;
      at = std::max(at, offset_[size_t(p)] + size(p));
    }
    offset_[size_t(i)] = at;
    placed.insert(std::upper_bound(placed.begin(), placed.end(), i,
                                   [&](int x, int y) { return offset_[size_t(x)] < offset_[size_t(y)]; }),
                  i);
    end = std::max(end, at + need);
  }
  return end;
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
  const int64_t at = offset_[size_t(owner)] + offset + stored;
  if (in_rows_of_[size_t(owner)] >= 0) return {kRows, at, a_.at(owner).count / batch_};
  return {kArena, at};
}

}  // namespace odeon::cpu
