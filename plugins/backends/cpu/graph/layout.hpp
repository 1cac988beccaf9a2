// The one block of memory of a plan: fixed parts first, then values whose lifetimes let them share. Values
// that are written and read in one segment by rows have no place there: a few rows of them at a time are in
// the scratch of the thread that computes them.
#pragma once
#include <map>
#include <vector>

#include "graph/run.hpp"
#include "graph/segments.hpp"

namespace odeon::cpu {

// All sizes and offsets in elements; regions begin at cache lines.
class Layout {
 public:
  Layout(const Analysis& analysis, const Schedule& schedule, const std::vector<Segment>& segments,
         int64_t batch, int64_t element_bytes);

  // Where value i (its root, plus its offset) lies.
  Place place(int i) const;
  int64_t reserve(int64_t count) {
    const int64_t at = size_;
    size_ += rounded(count);
    return at;
  }
  int64_t rounded(int64_t count) const { return (count + line_ - 1) / line_ * line_; }
  int64_t size() const { return size_; }
  // Of a segment by rows: how many go through it at a time, and the scratch for their values.
  int64_t rows_at_once(size_t segment) const { return rows_at_once_[segment]; }
  int64_t row_scratch(size_t segment) const { return row_scratch_[segment]; }

 private:
  struct Lifetime {
    int first = -1, last = -1;  // steps
  };
  std::vector<Lifetime> lifetimes(const Schedule& schedule) const;
  int64_t first_fit(std::vector<int> values, const std::vector<Lifetime>& lives, int64_t base, int64_t unit);
  void place_in_rows(const std::vector<Segment>& segments, std::vector<Lifetime>& lives,
                     int64_t element_bytes);

  const Analysis& a_;
  int64_t line_, batch_;
  int64_t size_ = 0;
  std::vector<int64_t> offset_;  // by owner in the arena or in the scratch of rows; -1 elsewhere
  std::vector<int> in_rows_of_;  // by owner: the segment in whose scratch it is; -1 elsewhere
  std::vector<int64_t> rows_at_once_, row_scratch_;
  int n_inputs_ = 0;

 public:
  int first_output() const { return kFirstInput + n_inputs_; }
  int n_inputs() const { return n_inputs_; }
};

}  // namespace odeon::cpu
