// The one block of memory of a plan: fixed parts first, then values whose lifetimes let them share.
#pragma once
#include <map>
#include <vector>

#include "graph/run.hpp"
#include "graph/schedule.hpp"

namespace odeon::cpu {

// All sizes and offsets in elements; regions begin at cache lines.
class Layout {
 public:
  Layout(const Analysis& analysis, const Schedule& schedule, int64_t element_bytes);

  // Where value i (its root, plus its offset) lies.
  Place place(int i) const;
  int64_t reserve(int64_t count) {
    const int64_t at = size_;
    size_ += rounded(count);
    return at;
  }
  int64_t rounded(int64_t count) const { return (count + line_ - 1) / line_ * line_; }
  int64_t size() const { return size_; }

 private:
  void share(const Analysis& analysis, const Schedule& schedule);

  const Analysis& a_;
  int64_t line_;
  int64_t size_ = 0;
  std::vector<int64_t> offset_;  // by owner in the arena; -1 elsewhere
  int n_inputs_ = 0;

 public:
  int first_output() const { return kFirstInput + n_inputs_; }
  int n_inputs() const { return n_inputs_; }
};

}  // namespace odeon::cpu
