// The discrete reverse of rows on their own, a block of threads each: the phases of joint/reverse_text.hpp
// step by step, from a log of states of every log_every-th step, behind which states and stages are computed
// again. A block adds up dL/dtheta of its rows.
#pragma once

namespace odeon::cuda {

constexpr const char* kRowsDirectText = R"cpp(
  struct rows_direct_args {
    row_direct_args a;  // of all rows
    joint_args j;       // of the stages; y and they are the one step on the tape
    reverse_args g;     // its calls: the products with K_i, then the field at each stage and at (t + h, y1)
    own_args own;
  };
  ODEON_FUNCTION void aim_at_reverse(const row_direct_args& all, const joint_args& j, const reverse_args& g,
                                     int64 row) {
    if (all.gtimes) ODEON_EACH_SHARE(i, all.n_times) all.gtimes[i * all.rows + row] = 0;
    if (!ODEON_FIRST_THREAD) return;
    const int64 at = row * SIZE;
    const joint_tape tape = {0, 1, (double*)behind(all.log_times, 2 * row * all.log_steps), j.y};
    const reverse_run r = {all.n_times,
                           all.steps[row],
                           all.times,
                           tape,
                           all.gys + at,
                           all.gy0 + at,
                           behind(all.gtimes, row),
                           1,
                           1,
                           all.grid,
                           all.anchors,
                           all.rows};
    *(reverse_run*)g.r = r;
    j.s->r.evaluations = 0;
  }
  // For the stages of a step.
  ODEON_FUNCTION void put_step(const joint_args& j, const reverse_args& g, int64 step) {
    if (!ODEON_FIRST_THREAD) return;
    joint_state& s = *j.s;
    s.t = step_begin(*g.r, step);
    s.h = step_length(*g.r, step);
    put_call_times(g.call_times, s.t, s.h);
  }
  // The first n stages, from y, behind put_step.
  ODEON_FUNCTION void stages_again(const joint_args& j, const reverse_args& g, int n) {
    ODEON_BARRIER(0);
    for (int i = 0; i < n; ++i) {
      if (i > 0) {
        joint_combine(j, i);
        ODEON_BARRIER(0);
      }
      field_call(g.calls, STAGES + 1 + i, 0);
    }
    if (ODEON_FIRST_THREAD) j.s->r.evaluations += n;
  }
  // Of n steps from `first`, at whose begin y is `begin`.
  ODEON_FUNCTION void reverse_piece(const joint_args& j, const reverse_args& g, const T* begin, T* between,
                                    int64 first, int64 n) {
    ODEON_EACH_ITEM(i, SIZE) j.y[i] = begin[i];
    for (int64 step = 0; step + 1 < n; ++step) {
      put_step(j, g, first + step);
      ODEON_EACH_ITEM(i, SIZE) between[step * SIZE + i] = j.y[i];
      stages_again(j, g, FSAL ? STAGES - 1 : STAGES);
      joint_combine(j, FSAL ? STAGES - 1 : STAGES);
      ODEON_EACH_ITEM(i, SIZE) j.y[i] = j.y1[i];
      ODEON_BARRIER(0);
    }
    for (int64 step = n - 1; step >= 0; --step) {
      if (step + 1 < n) ODEON_EACH_ITEM(i, SIZE) j.y[i] = between[step * SIZE + i];
      reverse_aim(g);
      put_step(j, g, first + step);
      ODEON_BARRIER(0);
      stages_again(j, g, has_product(*g.s, STAGES - 1) ? STAGES : STAGES - 1);
      if (has_product(*g.s, STAGES)) {
        joint_combine(j, STAGES);
        ODEON_BARRIER(0);
        field_call(g.calls, STAGES + 1 + STAGES, 0);
        if (ODEON_FIRST_THREAD) ++j.s->r.evaluations;
      }
      reverse_step(g);
    }
  }
  // Whether the user wants to stop: the same for all threads.
  ODEON_FUNCTION bool is_stopped(const joint_args& j, const volatile int* cancel) {
    if (ODEON_FIRST_THREAD) j.s->running = !is_cancelled(cancel);
    ODEON_BARRIER(0);
    return !j.s->running;
  }
  ODEON_FUNCTION void reverse_row(const row_direct_args& all, const joint_args& j, const reverse_args& g,
                                  int64 row) {
    const int64 every = all.log_every, room = (all.log_steps + every - 1) / every;
    const T* const states = all.log_states + row * room * SIZE;
    T* const between = behind(all.between, row * every * SIZE);
    unsigned pieces = 0;
    for (int64 end = g.r->steps; end > 0; ++pieces) {
      if (pieces % CANCEL_EVERY == 0 && is_stopped(j, all.cancel)) break;
      const int64 first = (end - 1) / every * every;
      reverse_piece(j, g, states + first / every * SIZE, between, first, end - first);
      end = first;
    }
  }
  ODEON_WHOLE_KERNEL(odeon_rows_direct, rows_direct_args) {
    char* const memory = own_memory(g.own);
    const joint_args j = own_of(g.own, memory, g.j);
    reverse_args own = own_of(g.own, memory, g.g);
    own.batch = g.a.batch;
    own_calls(g.own, memory, g.g.calls);
    ODEON_EACH_ITEM(i, j.quadratures) j.integral[i] = 0;
    // The field's kernels read K_i before there is one, for products that nobody wants then.
    ODEON_EACH_ITEM(i, (STAGES + 1) * SIZE) own.K.first[i] = 0;
    ODEON_EACH_ROW(row, g.a.rows) {
      aim_at_reverse(g.a, j, own, row);
      ODEON_BARRIER(0);
      reverse_begin(own);
      reverse_row(g.a, j, own, row);
      if (ODEON_FIRST_THREAD) {
        g.a.counts[row] = j.s->r.evaluations;
        g.a.counts[g.a.rows + row] = own.s->products;
      }
      add_share(g.a.partial, g.a.threads, j.integral, j.quadratures);
      ODEON_BARRIER(0);
    }
  }
)cpp";

}  // namespace odeon::cuda
