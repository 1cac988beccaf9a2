// Steps that work row by row: blocks of rows go through all of them, one block after the other. Threads take
// shares of the batch, which depend on sizes alone as the order does in which the shares' sums over rows are
// added.
#pragma once
#include <memory>
#include <vector>

#include "graph/run.hpp"

namespace odeon::cpu {

template <class T>
class Rows final : public Step<T> {
 public:
  // scratch: elements that the values of a block's rows take, a multiple of a cache line.
  Rows(std::vector<std::unique_ptr<Step<T>>> steps, int64_t batch, int64_t rows_at_once, int64_t scratch);

  void run(const Run<T>& run) override;
  int64_t shared_scratch() const override { return shared_; }
  int64_t local_scratch() const override;
  int64_t work() const override { return work_; }

 private:
  std::vector<std::unique_ptr<Step<T>>> steps_;
  std::vector<int64_t> shared_at_, partial_at_;  // each step has its own
  int64_t batch_, rows_at_once_, scratch_, blocks_, shares_, shared_ = 0, work_ = 0;
};

}  // namespace odeon::cpu
