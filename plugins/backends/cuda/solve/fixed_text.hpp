// Steps of a row between the points of a grid, part of a whole-solve source.
#pragma once

namespace odeon::cuda {

constexpr const char* kFixedText = R"cpp(
  // Steps up to `end` are taken without a look at whether the user wants to stop, which costs as much as a
  // tenth of a small step.
  struct step_part {
    int end;
    bool stopped;
  };
  ODEON_FUNCTION bool goes_on(const solve_args& a, int step, int steps, step_part& part) {
    if (step >= steps) return false;
    part.stopped = is_cancelled(a.cancel);
    part.end = step + CANCEL_EVERY < steps ? step + CANCEL_EVERY : steps;
    return !part.stopped;
  }

  template <class Row>
  ODEON_FUNCTION row_result row_by(const solve_args& a, const row_span& span, T* y, Row& row) {
    const double* times = span.times;
    const double direction = times[1] < times[0] ? -1 : 1;
    const int steps = (int)span.n_grid - 1;
    T y1[SIZE], value[SIZE], k[STAGES + 1][SIZE];
    row_result r = {times[0], 0, 0, 0, 0, 0, 0, 0};
    int64 next = 1;
    int step = 0;
    step_part part = {0, false};
    bool have_begin = false, lost = false;
    double t = span.grid[0], goal = times[1];
    do {
      const double t1 = span.grid[step + 1], h = t1 - t;
      if (!have_begin) field((T)t, y, span.theta, k[0]);
      take_stages(span.theta, t, h, y, k, y1);
      bool have_end = FSAL;
      // Few steps have a time in them; what the others would compute for it costs as much as the step.
      if (reaches(direction, t1, goal)) {
        do {
          const double x = span.anchors[step + 1] == next ? 1 : (goal - t) / h;
          if (HERMITE && !have_end && x != 1) {
            field((T)(t + h), y1, span.theta, k[STAGES]);
            have_end = true;
          }
          double w[STAGES + 1];
          dense_weights(x, w);
          lost = false;
          for (int j = 0; j < SIZE; ++j) {
            value[j] = x == 1 ? y1[j] : value_at(w, h, y, k, j);
            lost = lost || !is_finite(value[j]);
          }
          row.observe(next, value);
          if (lost) {
            r.status = 5;
            r.t = times[next - 1];
            r.h = goal;
            break;
          }
          ++next;
          goal = next < span.n_times ? times[next] : nowhere(direction);
        } while (reaches(direction, t1, goal));
      }
      row.accepted(step, t, h, y, k, y1, 0);
      move_on(have_end, y1, y, k);
      have_begin = have_end;
      t = t1;
      ++step;
    } while (!lost && (step < part.end || goes_on(a, step, steps, part)));
    if (part.stopped) r.status = STATUS_CANCELLED;
    r.accepted = step;
    // A step begins with f where the one before ended, or takes it from there.
    r.evaluations = r.accepted * (STAGES - 1) + (FSAL ? 1 : r.accepted + have_begin);
    if (!lost) r.t = times[span.n_times - 1];
    return r;
  }
)cpp";

}  // namespace odeon::cuda
