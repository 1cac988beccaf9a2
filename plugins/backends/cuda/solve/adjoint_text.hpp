// The continuous adjoint of whole solves, a thread per row: (y, a) from each time to the one before, with the
// step control of row_by, and dL/dtheta as a quadrature over the accepted steps. The state of a row is y and
// a behind each other, HALF elements each. In front of it stand `products` and end_weight.
#pragma once

namespace odeon::cuda {

// d/dt (y, a) = (f, -a^T df/dy).
constexpr const char* kAdjointField = R"cpp(
  template <bool WANTS_THETA>
  ODEON_FUNCTION void with_adjoint(T t, const T* s, const T* theta, T* ds, T weight, T* gtheta) {
    T v[HALF], gt[1];
    for (int j = 0; j < HALF; ++j) v[j] = -s[HALF + j];
    products<WANTS_THETA>(t, s, v, theta, ds, ds + HALF, gt, weight, gtheta);
  }
  ODEON_FUNCTION void field(T t, const T* s, const T* theta, T* ds) {
    with_adjoint<false>(t, s, theta, ds, (T)0, 0);
  }
)cpp";

constexpr const char* kAdjointArgs = R"cpp(
  struct row_adjoint_args {
    solve_args solve;  // of the backward solves: batch, theta, step control
    int64 n_times;
    const double* times;
    const T *ys, *gys;
    T *gy0, *found;  // found: y where it arrives, or null
    const double* grid;
    const int64 *anchors, *grid_begin;
    double *gtimes, *partial;  // as in row_direct_args
    int64 threads;
    row_result* results;
    int64* counts;  // [3][row]: evaluations, products, the time at which the failed solve began
    double* norms;  // [2][row]: of (y, a) where a failed solve began and where it stands
  };
)cpp";

constexpr const char* kAdjointText = R"cpp(
  struct adjoint_row {
    const row_adjoint_args& a;
    T *end, *gtheta;
    int64 products;
    ODEON_MEMBER void observe(int64, const T* value) {
      for (int j = 0; j < SIZE; ++j) end[j] = value[j];
    }
    ODEON_MEMBER void add(double t, double weight, const T* s) {
      T slope[SIZE];
      with_adjoint<true>((T)t, s, a.solve.theta, slope, (T)weight, gtheta);
      ++products;
    }
    ODEON_MEMBER void accepted(int64, double t, double h, const T* y, const T (*k)[SIZE], const T* y1,
                               const double* w) {
      if (THETA == 0 || !a.partial) return;
      ODEON_UNROLL
      for (int i = 0; i < STAGES; ++i) {
        const double weight = w ? w[i] : end_weight(i);
        if (weight == 0) continue;
        T stage[SIZE];
        for (int j = 0; j < SIZE; ++j) stage[j] = i == 0 ? y[j] : y[j] + (T)h * stage_sum(i, k, j);
        add(t + stage_time(i) * h, h * weight, stage);
      }
      if (HERMITE && !FSAL && w && w[STAGES] != 0) add(t + h, h * w[STAGES], y1);
    }
  };

  // x . f(t, y)
  ODEON_FUNCTION double along_field(const row_adjoint_args& a, double t, const T* y, const T* x) {
    T s[SIZE], slope[SIZE];
    for (int j = 0; j < HALF; ++j) {
      s[j] = y[j];
      s[HALF + j] = 0;
    }
    field((T)t, s, a.solve.theta, slope);
    double sum = 0;
    for (int j = 0; j < HALF; ++j) sum += (double)x[j] * (double)slope[j];
    return sum;
  }

  // Of a row whose solve from the time `at` failed at s; in front of that time a was in `end`.
  ODEON_FUNCTION void put_norms(const row_adjoint_args& a, int64 row, int64 at, const T* end, const T* s) {
    const int64 batch = a.solve.batch;
    const T *y = a.ys + (at * batch + row) * HALF, *gy = a.gys + (at * batch + row) * HALF;
    double began = 0, stands = 0;
    for (int j = 0; j < HALF; ++j) {
      const double before = (double)(end[HALF + j] + gy[j]);
      began += (double)y[j] * (double)y[j] + before * before;
      stands += (double)s[j] * (double)s[j] + (double)s[HALF + j] * (double)s[HALF + j];
    }
    a.norms[row] = sqrt(began);
    a.norms[batch + row] = sqrt(stands);
  }

  ODEON_ROWS(odeon_adjoint, row_adjoint_args) {
    const int64 batch = a.solve.batch;
    ODEON_EACH_ITEM(row, batch) {
      T s[SIZE], end[SIZE], gtheta[THETA > 0 ? THETA : 1];
      for (int j = 0; j < SIZE; ++j) end[j] = 0;
      for (int j = 0; j < THETA; ++j) gtheta[j] = 0;
      adjoint_row watch = {a, end, gtheta, 0};
      row_result r = {a.times[a.n_times - 1], 0, 0, 0, 0, 0, 0, 0};
      int64 accepted = 0, rejected = 0, at = a.n_times - 1;
      for (; at > 0; --at) {
        const T *y = a.ys + (at * batch + row) * HALF, *gy = a.gys + (at * batch + row) * HALF;
        if (a.gtimes) a.gtimes[at * batch + row] = along_field(a, a.times[at], y, gy);
        for (int j = 0; j < HALF; ++j) {
          s[j] = y[j];
          s[HALF + j] = end[HALF + j] + gy[j];
        }
        const double ends[2] = {a.times[at], a.times[at - 1]};
        row_span span = {a.solve.theta, ends, 2, 0, 0, 0};
        if (FIXED) {
          const int64* begin = a.grid_begin + (a.n_times - 1 - at);
          span.grid = a.grid + begin[0];
          span.anchors = a.anchors + begin[0];
          span.n_grid = begin[1] - begin[0];
        }
        r = row_by(a.solve, span, s, watch);
        watch.products += r.evaluations;
        accepted += r.accepted;
        rejected += r.rejected;
        if (r.status != 0) {
          put_norms(a, row, at, end, s);
          break;
        }
        if (a.found)
          for (int j = 0; j < HALF; ++j) a.found[((at - 1) * batch + row) * HALF + j] = end[j];
      }
      if (r.status == 0) {
        r.accepted = accepted;
        r.rejected = rejected;
        r.evaluations = watch.products;
      }
      if (a.gtimes) a.gtimes[row] = -along_field(a, a.times[0], a.ys + row * HALF, end + HALF);
      for (int j = 0; j < HALF; ++j) a.gy0[row * HALF + j] = end[HALF + j] + a.gys[row * HALF + j];
      if (a.partial)
        for (int j = 0; j < THETA; ++j) a.partial[j * a.threads + ODEON_THREAD] += (double)gtheta[j];
      a.results[row] = r;
      a.counts[row] = a.gtimes ? a.n_times : 0;
      a.counts[batch + row] = watch.products;
      a.counts[2 * batch + row] = at;
    }
  }
)cpp";

}  // namespace odeon::cuda
