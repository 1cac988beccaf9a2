// The discrete reverse of whole solves, a thread per row: the accepted steps from the last to the first, each
// from the state that it began with. With K_i the cotangent of k_i, L that of y1, v those of observations y0
// + h sum_i w_i k_i, and M_i = K_i^T df/dy (rk_reverse.hpp of the SDK):
//   K_i = h b_i L + h w_i v + h sum_j a_ji M_j,   dL/dy0 = L + v + sum_i M_i.
// A derivative that two steps share is evaluated, and differentiated, by both.
#pragma once

namespace odeon::cuda {

constexpr const char* kDirectArgs = R"cpp(
  struct row_direct_args {
    int64 batch, rows, n_times;  // rows of this launch, out of the batch: pointers begin at the first one
    const double* times;
    const T *theta, *gys;
    T* gy0;
    const int64* steps;  // of each row
    const double* log_times;
    const T* log_states;
    T* between;  // states between two logged ones, [log_every][SIZE][row]
    int64 log_every;
    const double* grid;
    const int64* anchors;
    double* gtimes;   // [time][row], or null
    double* partial;  // dL/dtheta by thread, [THETA][threads], added to; or null
    int64 threads;
    int64* counts;  // [2][row]: evaluations, products
    const volatile int* cancel;
    int64 log_steps;  // of a row, for which the log has room
  };
)cpp";

constexpr const char* kDirectText = R"cpp(
  struct sweep {
    T lambda[SIZE], gtheta[THETA > 0 ? THETA : 1];
    int64 next;  // the last time that no step has yet come to
    int64 evaluations, products;
  };
  struct step_place {
    int64 index;
    double t, h;
  };

  ODEON_FUNCTION double inner(const T* x, const T* y) {
    double sum = 0;
    for (int j = 0; j < SIZE; ++j) sum += (double)x[j] * (double)y[j];
    return sum;
  }
  // v . sum_i w_i k_i
  ODEON_FUNCTION double slope_product(const double* w, const T (*k)[SIZE], const T* v) {
    double sum = 0;
    for (int i = 0; i < STAGES + (HERMITE && !FSAL); ++i)
      if (w[i] != 0) sum += w[i] * inner(k[i], v);
    return sum;
  }
  // mu = K^T df/dy at (t, y), which adds to dL/dtheta; returns K^T df/dt.
  ODEON_FUNCTION double product(const row_direct_args& a, sweep& s, double t, const T* y, const T* K, T* mu) {
    T slope[SIZE], gt[1];
    products<true>((T)t, y, K, a.theta, slope, mu, gt, (T)1, s.gtheta);
    ++s.products;
    return (double)gt[0];
  }
  ODEON_FUNCTION step_place place_of(const row_direct_args& a, int64 row, int64 step) {
    if (FIXED) return {step, a.grid[step], a.grid[step + 1] - a.grid[step]};
    return {step, a.log_times[2 * step * a.rows + row], a.log_times[(2 * step + 1) * a.rows + row]};
  }
  // The time lies in this step and not in the one before.
  ODEON_FUNCTION bool is_in(const row_direct_args& a, const step_place& s, double time) {
    if (s.index == 0) return true;
    return s.h > 0 ? time > s.t : time < s.t;
  }

  ODEON_FUNCTION void reverse_step(const row_direct_args& a, int64 row, const step_place& p, const T* y,
                                   sweep& s) {
    const double t = p.t, h = p.h;
    const bool times = a.gtimes != 0;
    T k[STAGES + 1][SIZE], K[STAGES + 1][SIZE], y1[SIZE], stage[SIZE], mu[SIZE], after[SIZE];
    double g_t0 = 0, g_h = 0, w[STAGES + 1];
    const bool observed = s.next > 0 && is_in(a, p, a.times[s.next]);
    field((T)t, y, a.theta, k[0]);
    ODEON_UNROLL
    for (int i = 1; i < STAGES; ++i) {
      for (int j = 0; j < SIZE; ++j) stage[j] = y[j] + (T)h * stage_sum(i, k, j);
      if (i + 1 < STAGES || !LAST_IS_FREE || observed) {
        field((T)(t + stage_time(i) * h), stage, a.theta, k[i]);
        ++s.evaluations;
      } else {
        for (int j = 0; j < SIZE; ++j) k[i][j] = 0;
      }
    }
    ++s.evaluations;
    for (int i = 0; i <= STAGES; ++i)
      for (int j = 0; j < SIZE; ++j) K[i][j] = 0;
    for (int j = 0; j < SIZE; ++j) {
      y1[j] = FSAL ? stage[j] : y[j] + (T)h * end_sum(k, j);
      after[j] = 0;
    }

    bool inside = false;
    for (; s.next > 0 && is_in(a, p, a.times[s.next]); --s.next) {
      T v[SIZE];
      for (int j = 0; j < SIZE; ++j) v[j] = a.gys[(s.next * a.batch + row) * SIZE + j];
      if (FIXED && a.anchors[p.index + 1] == s.next) {
        for (int j = 0; j < SIZE; ++j) s.lambda[j] += v[j];
        continue;
      }
      if (HERMITE && !FSAL && !inside) {
        field((T)(t + h), y1, a.theta, k[STAGES]);
        ++s.evaluations;
      }
      inside = true;
      const double x = (a.times[s.next] - t) / h;
      dense_weights(x, w);
      for (int j = 0; j < SIZE; ++j) after[j] += v[j];
      for (int i = 0; i < STAGES + (HERMITE && !FSAL); ++i)
        for (int j = 0; j < SIZE; ++j) K[i][j] += (T)(h * w[i]) * v[j];
      if (!times) continue;
      g_h += slope_product(w, k, v);
      dense_slopes(x, w);
      const double d = slope_product(w, k, v);  // d/dt of the observation
      a.gtimes[s.next * a.rows + row] += d;
      g_t0 -= d;
      g_h -= x * d;
    }
    if (HERMITE && !FSAL && inside) {
      const double tau = product(a, s, t + h, y1, K[STAGES], mu);
      for (int j = 0; j < SIZE; ++j) s.lambda[j] += mu[j];
      g_t0 += tau;
      g_h += tau;
    }
    if (times)
      for (int j = 0; j < SIZE; ++j) g_h += (double)s.lambda[j] * (double)end_sum(k, j);
    for (int j = 0; j < SIZE; ++j) end_spread((T)h, s.lambda[j], K, j);
    ODEON_UNROLL
    for (int i = STAGES - 1; i >= 0; --i) {
      if (i + 1 == STAGES && LAST_IS_FREE && !inside) continue;
      for (int j = 0; j < SIZE; ++j) stage[j] = i == 0 ? y[j] : y[j] + (T)h * stage_sum(i, k, j);
      const double tau = product(a, s, t + stage_time(i) * h, stage, K[i], mu);
      g_t0 += tau;
      g_h += stage_time(i) * tau;
      if (times && i > 0)
        for (int j = 0; j < SIZE; ++j) g_h += (double)mu[j] * (double)stage_sum(i, k, j);
      for (int j = 0; j < SIZE; ++j) {
        after[j] += mu[j];
        stage_spread(i, (T)h, mu[j], K, j);
      }
    }
    for (int j = 0; j < SIZE; ++j) s.lambda[j] += after[j];
    if (!times) return;
    if (FIXED) {  // h = t1 - t0
      if (a.anchors[p.index + 1] >= 0) a.gtimes[a.anchors[p.index + 1] * a.rows + row] += g_h;
      if (a.anchors[p.index] >= 0) a.gtimes[a.anchors[p.index] * a.rows + row] += g_t0 - g_h;
    } else {
      a.gtimes[row] += g_t0;
    }
  }

  // Of n steps from `first`, whose state is logged; the others' states are computed again.
  ODEON_FUNCTION void reverse_piece(const row_direct_args& a, int64 row, int64 first, int64 n, sweep& s) {
    T y[SIZE], y1[SIZE], k[STAGES + 1][SIZE];
    for (int j = 0; j < SIZE; ++j) y[j] = a.log_states[(first / a.log_every * SIZE + j) * a.rows + row];
    for (int64 i = 0; i + 1 < n; ++i) {
      const step_place p = place_of(a, row, first + i);
      field((T)p.t, y, a.theta, k[0]);
      take_stages(a.theta, p.t, p.h, y, k, y1);
      s.evaluations += STAGES;
      for (int j = 0; j < SIZE; ++j) {
        a.between[(i * SIZE + j) * a.rows + row] = y[j];
        y[j] = y1[j];
      }
    }
    for (int64 i = n - 1; i >= 0; --i) {
      if (i + 1 < n)
        for (int j = 0; j < SIZE; ++j) y[j] = a.between[(i * SIZE + j) * a.rows + row];
      reverse_step(a, row, place_of(a, row, first + i), y, s);
    }
  }

  ODEON_ROWS(odeon_direct, row_direct_args) {
    ODEON_EACH_ITEM(row, a.rows) {
      sweep s;
      for (int j = 0; j < SIZE; ++j) s.lambda[j] = 0;
      for (int j = 0; j < THETA; ++j) s.gtheta[j] = 0;
      s.next = a.n_times - 1;
      s.evaluations = s.products = 0;
      if (a.gtimes)
        for (int64 i = 0; i < a.n_times; ++i) a.gtimes[i * a.rows + row] = 0;
      unsigned pieces = 0;
      for (int64 end = a.steps[row]; end > 0; ++pieces) {
        if (pieces % CANCEL_EVERY == 0 && is_cancelled(a.cancel)) break;
        const int64 first = (end - 1) / a.log_every * a.log_every;
        reverse_piece(a, row, first, end - first, s);
        end = first;
      }
      for (int j = 0; j < SIZE; ++j) a.gy0[row * SIZE + j] = s.lambda[j] + a.gys[row * SIZE + j];
      if (a.partial)
        for (int j = 0; j < THETA; ++j) a.partial[j * a.threads + ODEON_THREAD] += (double)s.gtheta[j];
      a.counts[row] = s.evaluations;
      a.counts[a.rows + row] = s.products;
    }
  }
)cpp";

}  // namespace odeon::cuda
