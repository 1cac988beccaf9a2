// Adaptive steps of a row: the step control of ext/solve.h, part of a whole-solve source.
#pragma once

namespace odeon::cuda {

constexpr const char* kAdaptiveText = R"cpp(
  // Of one part of the state, which begins at `from`, computed in S; y1 may be null.
  template <class S>
  ODEON_FUNCTION S part_norm_in(const solve_args& a, int from, const T* e, const T* y0, const T* y1) {
    const int size = SIZE / PARTS;
    const S inverse = (S)1 / (S)size;
    S sum = 0, largest = 0;
    for (int i = 0; i < size; ++i) {
      const int j = from + i;
      S y = fabs((S)y0[j]);
      if (y1) {
        const S end = fabs((S)y1[j]);
        y = y != y || y > end ? y : end;
      }
      y += y - y;  // NaN where it is infinite: such a divisor must not hide an element
      const S rtol = (S)(a.rtol_vector ? a.rtol_vector[i] : a.rtol),
              atol = (S)(a.atol_vector ? a.atol_vector[i] : a.atol);
      const S q = fabs((S)e[j] / (atol + rtol * y));
      sum += q * q;
      largest = q != q || q > largest ? q : largest;
    }
    return MAX_NORM ? largest : sqrt(sum * inverse);
  }
  // In double precision where single precision overflows, or has no number for a tolerance.
  ODEON_FUNCTION double part_norm(const solve_args& a, int from, const T* e, const T* y0, const T* y1) {
    const T norm = part_norm_in<T>(a, from, e, y0, y1);
    return sizeof(T) == sizeof(double) || is_finite(norm) ? norm : part_norm_in<double>(a, from, e, y0, y1);
  }
  ODEON_FUNCTION double norm_of(const solve_args& a, const T* e, const T* y0, const T* y1) {
    double worst = part_norm(a, 0, e, y0, y1);
    for (int part = 1; part < PARTS; ++part) {
      const double norm = part_norm(a, part * (SIZE / PARTS), e, y0, y1);
      worst = worst != worst || worst > norm ? worst : norm;
    }
    return worst;
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

  // The length of the first step; 0 where the field or the state is not finite. k[0] is f(t, y).
  ODEON_FUNCTION double first_step(const solve_args& a, const T* theta, double t, double direction,
                                   const T* y, T (*k)[SIZE], row_result& r) {
    if (a.first_step > 0) return direction * (a.first_step < a.max_step ? a.first_step : a.max_step);
    T stage[SIZE];
    const double d0 = norm_of(a, y, y, 0), d1 = norm_of(a, k[0], y, 0);
    const double h0 = first_trial(d0, d1);
    const double h = direction * (is_finite(d1) ? h0 : 1);
    for (int j = 0; j < SIZE; ++j) stage[j] = y[j] + (T)h * k[0][j];
    field((T)(t + h), stage, theta, k[STAGES]);
    ++r.evaluations;
    for (int j = 0; j < SIZE; ++j) stage[j] = (T)(1 / fabs(h)) * (k[STAGES][j] - k[0][j]);
    const double d2 = norm_of(a, stage, y, 0);
    return is_finite(d1) ? direction * first_length(a, h0, d1, d2) : 0;
  }

  template <class Row>
  ODEON_FUNCTION row_result row_by(const solve_args& a, const row_span& span, T* y, Row& row) {
    const double *times = span.times, end = times[span.n_times - 1], direction = times[1] < times[0] ? -1 : 1;
    T y1[SIZE], stage[SIZE], k[STAGES + 1][SIZE];
    row_result r = {times[0], 0, 0, 0, 0, 0, 0, 0};
    controller control = {1, 1, 1};
    stiffness watch = {0, 0, 0, false};
    int64 next = 1;
    double t = times[0], goal = times[1];
    field((T)t, y, span.theta, k[0]);
    ++r.evaluations;
    double h = first_step(a, span.theta, t, direction, y, k, r);
    bool have_begin = true;
    if (h == 0) {
      r.status = 3;
      r.h = direction;
      return r;
    }
    for (;;) {
      const int64 tried = r.accepted + r.rejected;
      r.status = limit_reached(a, tried, t, h);
      if (r.status != 0) break;
      if (!have_begin) {
        field((T)t, y, span.theta, k[0]);
        ++r.evaluations;
        have_begin = true;
      }
      take_stages(span.theta, t, h, y, k, y1);
      for (int j = 0; j < SIZE; ++j) stage[j] = (T)h * error_sum(k, j);
      r.error = norm_of(a, stage, y, y1);
      const bool ok = r.error <= 1;
      if (ok) count_accepted(a, watch);
      if (wants_ratio(a, watch, ok, tried, t, h)) {
        r.stability_ratio = stability_ratio(a, y, k);
        if (ok && due(watch)) look(a, watch, r.stability_ratio);
        if (hopeless(a, watch, tried, end - t, h)) {
          ++r.accepted;
          r.status = 4;
          break;
        }
      }
      if (ok) {
        bool have_end = FSAL;
        double w[STAGES + 1];
        while (reaches(direction, t + h, goal)) {
          if (HERMITE && !have_end) {
            field((T)(t + h), y1, span.theta, k[STAGES]);
            ++r.evaluations;
            have_end = true;
          }
          dense_weights((goal - t) / h, w);
          for (int j = 0; j < SIZE; ++j) stage[j] = value_at(w, h, y, k, j);
          row.observe(next, stage);
          ++next;
          goal = next < span.n_times ? times[next] : nowhere(direction);
        }
        row.accepted(r.accepted, t, h, y, k, y1, next == span.n_times ? w : 0);
        move_on(have_end, y1, y, k);
        have_begin = have_end;
        t += h;
      }
      ++(ok ? r.accepted : r.rejected);
      if (next == span.n_times) break;
      h *= factor_after(a, control, (T)r.error);
      if (fabs(h) > a.max_step) h = direction * a.max_step;
    }
    r.evaluations += (r.accepted + r.rejected) * (STAGES - 1);
    r.t = t;
    r.h = h;
    return r;
  }
)cpp";

}  // namespace odeon::cuda
