// Why an integration gave up, as data: the record and the message are made from it.
#pragma once
#include <odeon/host/solution.hpp>

#include "data/error.hpp"

namespace odeon::host {

class SolveFailed : public RunError {
 public:
  explicit SolveFailed(Failure failure);
  // Of rows that were solved on their own, out of `batch`; at least one.
  SolveFailed(std::vector<Failure> rows, int64_t batch);
  SolveFailed of_row(int64_t row) const;  // this joint one, as that of a row of a larger batch
  // The same with more about where, in front of the reason, and about what helps, behind the remedy.
  SolveFailed explained(const std::string& where, const std::string& help) const;
  const Failure& failure() const { return failure_; }         // the first
  const std::vector<Failure>& rows() const { return rows_; }  // empty for a joint solve

 private:
  Failure failure_;
  std::vector<Failure> rows_;
  int64_t batch_ = 1;
};

}  // namespace odeon::host
