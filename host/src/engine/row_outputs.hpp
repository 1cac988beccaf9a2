// Where the states of rows at the requested times go.
#pragma once
#include "engine/rows.hpp"

namespace odeon::host {

class RowOutputs {
 public:
  RowOutputs(odeon_problem& problem, const odeon_solve_args& args) : p_(problem), args_(args) {}

  // The place of a row at a time; data NULL: it is not wanted.
  odeon_tensor place(int64_t time, int64_t row) const {
    odeon_tensor all = *args_.y0;
    const bool last = time + 1 == args_.n_times;
    all.data = args_.ys               ? static_cast<char*>(args_.ys->data) + time * byte_count(all)
               : last && args_.y_last ? args_.y_last->data
                                      : nullptr;
    return all.data ? row_of(all, row) : all;
  }
  void write_initial() const {
    for (int64_t r = 0; r < p_.batch; ++r)
      if (const odeon_tensor out = place(0, r); out.data) p_.backend->copy(out, row_of(*args_.y0, r));
  }
  // The row's place at a time was written.
  void finish(int64_t time, int64_t row) const {
    if (time + 1 == args_.n_times && args_.ys && args_.y_last)
      p_.backend->copy(row_of(*args_.y_last, row), place(time, row));
  }

 private:
  odeon_problem& p_;
  const odeon_solve_args& args_;
};

}  // namespace odeon::host
