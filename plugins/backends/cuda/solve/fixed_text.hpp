// Steps of a row between the points of a grid, part of a whole-solve source.
#pragma once

namespace odeon::cuda {

constexpr const char* kFixedText = R"cpp(
  template <class Row>
  ODEON_FUNCTION row_result row_by(const solve_args& a, const row_span& span, T* y, Row& row) {
    const double* times = span.times;
    T y1[SIZE], value[SIZE], k[STAGES + 1][SIZE];
    row_result r = {times[0], 0, 0, 0, 0, 0, 0, 0};
    int64 next = 1;
    bool have_begin = false;
    for (int64 s = 0; s + 1 < span.n_grid && r.status == 0; ++s) {
      if (is_cancelled(a.cancel, s)) {
        r.status = STATUS_CANCELLED;
        break;
      }
      const double t = span.grid[s], h = span.grid[s + 1] - t;
      if (!have_begin) {
        field((T)t, y, a.theta, k[0]);
        ++r.evaluations;
      }
      take_stages(a.theta, t, h, y, k, y1);
      r.evaluations += STAGES - 1;
      bool have_end = FSAL;
      for (; next < span.n_times && (h > 0 ? times[next] <= t + h : times[next] >= t + h); ++next) {
        const double x = span.anchors[s + 1] == next ? 1 : (times[next] - t) / h;
        if (HERMITE && !have_end && x != 1) {
          field((T)(t + h), y1, a.theta, k[STAGES]);
          ++r.evaluations;
          have_end = true;
        }
        double w[STAGES + 1];
        dense_weights(x, w);
        bool finite = true;
        for (int j = 0; j < SIZE; ++j) {
          value[j] = x == 1 ? y1[j] : value_at(w, h, y, k, j);
          finite = finite && is_finite(value[j]);
        }
        row.observe(next, value);
        if (!finite) {
          r.status = 5;
          r.t = times[next - 1];
          r.h = times[next];
          break;
        }
      }
      row.accepted(r.accepted, t, h, y, k, y1, 0);
      ++r.accepted;
      move_on(have_end, y1, y, k);
      have_begin = have_end;
    }
    if (r.status == 0) r.t = times[span.n_times - 1];
    return r;
  }
)cpp";

}  // namespace odeon::cuda
