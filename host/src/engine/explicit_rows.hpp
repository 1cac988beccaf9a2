// Steps per row for explicit tableaus, all rows together: each operation serves every row that still runs,
// with one t and h per row. Rows that are done leave the batch when they are half of it.
#pragma once
#include <map>
#include <memory>

#include "engine/problem.hpp"

namespace odeon::host {

// Whether `ExplicitRows` can run this solve; otherwise rows are solved one after the other.
bool suits_explicit_rows(const odeon_problem& problem);

// Work space and programs, kept with the problem.
class ExplicitRows {
 public:
  explicit ExplicitRows(odeon_problem& problem);
  ~ExplicitRows();
  // As integrate_rows.
  void solve(const odeon_solve_args& args);

 private:
  class Solve;
  FieldProgram& program(int64_t rows);  // compiled when first asked for

  odeon_problem& p_;
  std::vector<Buffer> buffers_;
  odeon_tensor y_{}, y1_{}, stage_{};  // [batch, state…]; a solve uses the rows in front
  std::vector<odeon_tensor> k_;        // stages, and f(t1, y1) where no stage is it
  double *t_ = nullptr, *h_ = nullptr, *norms_ = nullptr;  // backend memory, one per row
  uint8_t* mask_ = nullptr;
  std::map<int64_t, std::unique_ptr<FieldProgram>> programs_;  // by number of rows
};

}  // namespace odeon::host
