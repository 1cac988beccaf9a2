// The part of a whole-solve source that is the same for every field and method, a thread per row. In front of
// it stand: SIZE, STAGES, FSAL, HERMITE, MAX_NORM, field, what tableau_text.hpp writes for
// stage_list = const T (*)[SIZE], and control_text.hpp.
#pragma once

namespace odeon::cuda {

constexpr const char* kSolveFunctions = R"cpp(
#ifdef __CUDACC__
#define ODEON_SOLVE extern "C" __global__ void __launch_bounds__(128) odeon_solve(const solve_args a)
#else
#define ODEON_SOLVE extern "C" void odeon_solve(const solve_args a)
#endif
  // A row begins: its state, also to the first time.
  ODEON_FUNCTION void begin_row(const solve_args& a, int64 row, T* y) {
    for (int j = 0; j < SIZE; ++j) {
      y[j] = a.y0[row * SIZE + j];
      if (a.ys) a.ys[row * SIZE + j] = y[j];
    }
  }
  // Stages 1 .. STAGES - 1 and y1; stage 0 is there.
  ODEON_FUNCTION void take_stages(const solve_args& a, double t, double h, const T* y, T (*k)[SIZE], T* y1) {
    T stage[SIZE];
#pragma unroll
    for (int i = 1; i < STAGES; ++i) {
      for (int j = 0; j < SIZE; ++j) stage[j] = y[j] + (T)h * stage_sum(i, k, j);
      field((T)(t + stage_time(i) * h), stage, a.theta, k[i]);
    }
    for (int j = 0; j < SIZE; ++j) y1[j] = FSAL ? stage[j] : y[j] + (T)h * end_sum(k, j);
  }
  // Element j of the state where the weights w of the stages hold.
  ODEON_FUNCTION T value_at(const double* w, double h, const T* y, stage_list k, int j) {
    T sum = 0;
    for (int i = 0; i < STAGES; ++i) sum += (T)w[i] * k[i][j];
    if (HERMITE && !FSAL) sum += (T)w[STAGES] * k[STAGES][j];
    return y[j] + (T)h * sum;
  }
  ODEON_FUNCTION void write(const solve_args& a, int64 row, int64 time, int j, T value) {
    if (a.ys) a.ys[(time * a.batch + row) * SIZE + j] = value;
    if (a.y_last && time == a.n_times - 1) a.y_last[row * SIZE + j] = value;
  }
  // The end of a step becomes the beginning of the next one.
  ODEON_FUNCTION void move_on(bool have_end, const T* y1, T* y, T (*k)[SIZE]) {
    for (int j = 0; j < SIZE; ++j) {
      y[j] = y1[j];
      if (have_end) k[0][j] = k[FSAL ? STAGES - 1 : STAGES][j];
    }
  }
)cpp";

// Adaptive steps.
constexpr const char* kSolveAdaptive = R"cpp(
  // y1 may be null.
  ODEON_FUNCTION double norm_of(const solve_args& a, const T* e, const T* y0, const T* y1) {
    double sum = 0, largest = 0;
    for (int j = 0; j < SIZE; ++j) {
      double y = fabs((double)y0[j]);
      if (y1) {
        const double end = fabs((double)y1[j]);
        y = y != y || y > end ? y : end;
      }
      if (!is_finite(y)) y = y - y + y * 0;  // NaN: an infinite divisor must not hide an element
      const double rtol = a.rtol_vector ? a.rtol_vector[j] : a.rtol,
                   atol = a.atol_vector ? a.atol_vector[j] : a.atol;
      const double q = fabs((double)e[j] / (atol + rtol * y));
      sum += q * q;
      largest = q != q || q > largest ? q : largest;
    }
    return MAX_NORM ? largest : sqrt(sum / SIZE);
  }

  // The last trial's step over the longest stable one; stages 0 .. STAGES - 1 are those of the trial.
  ODEON_FUNCTION double stability_ratio(const solve_args& a, const T* y, stage_list k) {
    T e[SIZE];
    for (int j = 0; j < SIZE; ++j) e[j] = between_sum(k, j);
    const double arguments = norm_of(a, e, y, 0);
    for (int j = 0; j < SIZE; ++j) e[j] = k[STAGES > 1 ? STAGES - 2 : 0][j] - k[STAGES - 1][j];
    const double slopes = norm_of(a, e, y, 0);
    return ratio_of(a, arguments, slopes);
  }

  ODEON_SOLVE {
    ODEON_EACH_ITEM(row, a.batch) {
      const double direction = a.times[1] < a.times[0] ? -1 : 1;
      T y[SIZE], y1[SIZE], stage[SIZE], k[STAGES + 1][SIZE];
      row_result r = {a.times[0], 0, 0, 0, 0, 0, 0, 0};
      controller control = {1, 1, 1};
      stiffness watch = {0, 0, 0, false};
      int64 next = 1;
      begin_row(a, row, y);
      double t = a.times[0], h = 0;
      field((T)t, y, a.theta, k[0]);
      ++r.evaluations;
      bool have_begin = true, running = true;
      if (a.first_step > 0) {
        h = direction * (a.first_step < a.max_step ? a.first_step : a.max_step);
      } else {
        const double d0 = norm_of(a, y, y, 0), d1 = norm_of(a, k[0], y, 0);
        const double h0 = first_trial(d0, d1);
        h = direction * (is_finite(d1) ? h0 : 1);
        for (int j = 0; j < SIZE; ++j) stage[j] = y[j] + (T)h * k[0][j];
        field((T)(t + h), stage, a.theta, k[STAGES]);
        ++r.evaluations;
        for (int j = 0; j < SIZE; ++j) stage[j] = (T)(1 / fabs(h)) * (k[STAGES][j] - k[0][j]);
        const double d2 = norm_of(a, stage, y, 0);
        if (is_finite(d1)) {
          h = direction * first_length(a, h0, d1, d2);
        } else {
          r.status = 3;
          running = false;
        }
      }
      while (running) {
        const int64 tried = r.accepted + r.rejected;
        r.status = limit_reached(a, tried, t, h);
        if (r.status != 0) break;
        if (!have_begin) {
          field((T)t, y, a.theta, k[0]);
          ++r.evaluations;
          have_begin = true;
        }
        take_stages(a, t, h, y, k, y1);
        r.evaluations += STAGES - 1;
        for (int j = 0; j < SIZE; ++j) stage[j] = (T)h * error_sum(k, j);
        r.error = norm_of(a, stage, y, y1);
        const bool ok = r.error <= 1;
        if (ok) ++watch.accepted;
        if (wants_ratio(a, watch, ok, tried, t, h)) {
          r.stability_ratio = stability_ratio(a, y, k);
          if (ok && due(a, watch)) look(a, watch, r.stability_ratio);
          if (hopeless(a, watch, tried, t, h)) {
            ++r.accepted;
            r.status = 4;
            break;
          }
        }
        if (ok) {
          bool have_end = FSAL;
          for (; next < a.n_times && direction * (t + h - a.times[next]) >= 0; ++next) {
            if (HERMITE && !have_end) {
              field((T)(t + h), y1, a.theta, k[STAGES]);
              ++r.evaluations;
              have_end = true;
            }
            double w[STAGES + 1];
            dense_weights((a.times[next] - t) / h, w);
            for (int j = 0; j < SIZE; ++j) write(a, row, next, j, value_at(w, h, y, k, j));
          }
          move_on(have_end, y1, y, k);
          have_begin = have_end;
          t += h;
        }
        ++(ok ? r.accepted : r.rejected);
        if (next == a.n_times) break;
        h *= factor_after(a, control, r.error);
        if (fabs(h) > a.max_step) h = direction * a.max_step;
      }
      r.t = t;
      r.h = h;
      a.results[row] = r;
      if (r.status != 0)
        for (int j = 0; j < SIZE; ++j) a.y_end[row * SIZE + j] = y[j];
    }
  }
)cpp";

// Steps between the points of a grid.
constexpr const char* kSolveFixed = R"cpp(
  ODEON_SOLVE {
    ODEON_EACH_ITEM(row, a.batch) {
      T y[SIZE], y1[SIZE], k[STAGES + 1][SIZE];
      row_result r = {a.times[0], 0, 0, 0, 0, 0, 0, 0};
      int64 next = 1;
      bool have_begin = false;
      begin_row(a, row, y);
      for (int64 s = 0; s + 1 < a.n_grid && r.status == 0; ++s) {
        const double t = a.grid[s], h = a.grid[s + 1] - t;
        if (!have_begin) {
          field((T)t, y, a.theta, k[0]);
          ++r.evaluations;
        }
        take_stages(a, t, h, y, k, y1);
        r.evaluations += STAGES - 1;
        ++r.accepted;
        bool have_end = FSAL;
        for (; next < a.n_times && (h > 0 ? a.times[next] <= t + h : a.times[next] >= t + h); ++next) {
          const double x = a.anchors[s + 1] == next ? 1 : (a.times[next] - t) / h;
          if (HERMITE && !have_end && x != 1) {
            field((T)(t + h), y1, a.theta, k[STAGES]);
            ++r.evaluations;
            have_end = true;
          }
          double w[STAGES + 1];
          dense_weights(x, w);
          bool finite = true;
          for (int j = 0; j < SIZE; ++j) {
            const T value = x == 1 ? y1[j] : value_at(w, h, y, k, j);
            write(a, row, next, j, value);
            finite = finite && is_finite(value);
          }
          if (!finite) {
            r.status = 5;
            r.t = a.times[next - 1];
            r.h = a.times[next];
            break;
          }
        }
        move_on(have_end, y1, y, k);
        have_begin = have_end;
      }
      if (r.status == 0) r.t = a.times[a.n_times - 1];
      a.results[row] = r;
    }
  }
)cpp";

}  // namespace odeon::cuda
