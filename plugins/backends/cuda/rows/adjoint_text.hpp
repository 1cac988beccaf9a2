// The continuous adjoint of rows on their own, a block of threads each: that of joint/adjoint_text.hpp for a
// batch that is one row. A block adds up dL/dtheta of its rows.
#pragma once

namespace odeon::cuda {

constexpr const char* kRowsAdjointText = R"cpp(
  struct rows_adjoint_args {
    row_adjoint_args a;  // of all rows; a.solve has all times, from the last to the first
    adjoint_args g;
    own_args own;
  };
  ODEON_FUNCTION void aim_at_adjoint(const row_adjoint_args& all, const adjoint_args& g, int64 row) {
    if (!ODEON_FIRST_THREAD) return;
    solve_args& a = *(solve_args*)g.j.a;
    a = all.solve;
    a.n_times = 2;
    a.y_last = g.end;
    a.results = all.results + row;
    a.grid = all.grid;
    const int64 at = row * SIZE;
    const adjoint_run r = {all.n_times,           all.ys + at,    all.gys + at,           all.gy0 + at,
                           behind(all.found, at), all.grid_begin, behind(all.gtimes, row)};
    *(adjoint_run*)g.r = r;
  }
  ODEON_FUNCTION void put_counts(const row_adjoint_args& all, const adjoint_args& g, int64 row) {
    if (!ODEON_FIRST_THREAD) return;
    const int64 batch = all.solve.batch;
    all.counts[row] = 0;  // of the field alone
    all.counts[batch + row] = g.s->products;
    all.counts[2 * batch + row] = g.s->at;
  }
  ODEON_WHOLE_KERNEL(odeon_rows_adjoint, rows_adjoint_args) {
    char* const memory = own_memory(g.own);
    adjoint_args own = own_of(g.own, memory, g.g);
    own_calls(g.own, memory, g.g.j.calls);
    ODEON_EACH_ITEM(j, own.j.quadratures) own.j.integral[j] = 0;
    ODEON_EACH_ROW(row, g.a.solve.batch) {
      aim_at_adjoint(g.a, own, row);
      own.norms = g.a.norms + row;
      ODEON_BARRIER(0);
      adjoint_solve(own);
      put_counts(g.a, own, row);
      add_share(g.a.partial, g.a.threads, own.j.integral, own.j.quadratures);
      ODEON_BARRIER(0);
    }
  }
)cpp";

// A row's dL/dtheta to those of the block's other rows, in double precision.
constexpr const char* kShareText = R"cpp(
  ODEON_FUNCTION void add_share(double* partial, int64 shares, T* row, int64 elements) {
    if (!partial) return;
    ODEON_EACH_ITEM(j, elements) {
      partial[j * shares + ODEON_GRID_BLOCK] += (double)row[j];
      row[j] = 0;
    }
  }
)cpp";

}  // namespace odeon::cuda
