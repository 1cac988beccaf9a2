// The discrete reverse of a batch that stepped together, as phases (joint_text.hpp): the accepted steps from
// the last to the first, from a tape of their states and stages. With K_i the cotangent of k_i, L that of y1,
// v those of observations y0 + h sum_i w_i k_i, and M_i = K_i^T df/dy (rk_reverse.hpp of the SDK):
//   K_i = h b_i L + h w_i v + h sum_j a_ji M_j,   dL/dy0 = L + v + sum_i M_i.
// A derivative that two steps share is differentiated by both. An element of a state belongs to one thread in
// all sums over stages; threads wait for each other around products of the field's derivatives only. Either
// one kernel runs all phases (kReverseLoop), or each is a kernel of a captured loop. With ROWS the batch is a
// row, whose tape has one step, and with FIXED its steps lie between points of a grid, which move with the
// times that they are (rows/direct_text.hpp).
#pragma once

namespace odeon::cuda {

constexpr const char* kReversePhases = R"cpp(
  // One thread writes it, between two phases.
  struct reverse_state {
    int64 next, products;  // the last time that no step has yet come to
    int64 step, times;     // of the tape, the one that is taken back; times in it: (next, next + times]
    double t, h;
    int64 inside;  // of those times, how many are inside of the step and not its end, a point of the grid
  };
  // What differs from launch to launch, in device memory.
  struct reverse_run {
    int64 n_times, steps;  // steps of the tape that are there
    const double* times;
    joint_tape tape;
    const T* gys;
    T* gy0;
    double* gtimes;      // or null
    int64 begins, ends;  // this part of the tape is the solve's last, first
    const double* grid;
    const int64* anchors;
    int64 times_stride;  // of gtimes
  };
  struct reverse_args {
    const reverse_run* r;
    int64 batch;
    T *lambda, *after, *stage, *mu, *gt;  // gt: of each product
    cotangent_list K;
    double* call_times;       // t + c_i h of each stage, t + h
    const odeon_args* calls;  // of the products with K_i
    reverse_state* s;
    int64 which;
    unsigned long long conditions[3];
    unsigned* gate;  // 0; of blocks that wait for each other
    double* along;   // of a grid's step: dL/dh by element
  };
#define END_IS_EXTRA (HERMITE && !FSAL)  // the derivative there is none of the stages
#define EACH_ELEMENT(j) ODEON_EACH_ITEM(j, reverse_size(g))
  ODEON_FUNCTION int64 reverse_size(const reverse_args& g) {
#ifdef ODEON_ONE_ROW
    return SIZE;
#else
    return g.batch * SIZE;
#endif
  }
  ODEON_FUNCTION const T* cotangents_at(const reverse_args& g, int64 time) {
    return g.r->gys + time * g.batch * SIZE;
  }
  // The time is the end of the step, a point of the grid.
  ODEON_FUNCTION bool is_point(const reverse_args& g, int64 time) {
    return FIXED && g.r->anchors[g.s->step + 1] == time;
  }

  // Whether anything depends on k_i of the step; STAGES: on f(t + h, y1).
  ODEON_FUNCTION bool has_product(const reverse_state& s, int i) {
    if (i == STAGES) return END_IS_EXTRA && s.inside > 0;
    return i + 1 < STAGES || !LAST_IS_FREE || s.inside > 0;
  }
  ODEON_FUNCTION T* tape_record(const reverse_args& g, int i) {
    return g.r->tape.states + ((ROWS ? 0 : g.s->step) * TAPE_RECORDS + i) * reverse_size(g);
  }
#if ROWS
#define TAPE_STAGES(k) const stage_list k = {tape_record(g, 1)}
#else
  ODEON_FUNCTION void tape_stages(const reverse_args& g, T** k) {
    for (int i = 0; i < STAGES + 1; ++i) k[i] = tape_record(g, i + 1);
  }
#define TAPE_STAGES(k)         \
    T* k##_records[STAGES + 1];  \
    tape_stages(g, k##_records); \
    const stage_list k = k##_records
#endif

  // All threads.

  // K_i and what is added to L behind the step, from the observations in it.
  ODEON_FUNCTION void reverse_open(const reverse_args& g) {
    const reverse_state& s = *g.s;
    const bool begins = g.r->begins && s.step == g.r->steps - 1, moves = FIXED && g.r->gtimes;
    TAPE_STAGES(k);
    EACH_ELEMENT(j) {
      if (moves) g.along[j] = 0;
      if (begins) g.lambda[j] = 0;
      for (int i = 0; i <= STAGES; ++i) g.K[i][j] = 0;
      g.after[j] = 0;
    }
    for (int64 time = s.next + s.times; time > s.next; --time) {
      const T* const v = cotangents_at(g, time);
      if (is_point(g, time)) {
        EACH_ELEMENT(j) g.lambda[j] += v[j];
        continue;
      }
      double w[STAGES + 1];
      dense_weights((g.r->times[time] - s.t) / s.h, w);
      EACH_ELEMENT(j) {
        g.after[j] += v[j];
        for (int i = 0; i < TAPE_RECORDS - 1; ++i) {
          g.K[i][j] += (T)(s.h * w[i]) * v[j];
          if (moves && w[i] != 0) g.along[j] += w[i] * (double)k[i][j] * (double)v[j];
        }
      }
    }
  }
  // dL/dt of the times in the step, a block each: v . sum_i dw_i/dx k_i.
  ODEON_FUNCTION void reverse_times(const reverse_args& g) {
    const reverse_state& s = *g.s;
    if (!g.r->gtimes) return;
    TAPE_STAGES(k);
    ODEON_EACH_BLOCK_ITEM(o, s.times) {
      const int64 time = s.next + 1 + o;
      if (is_point(g, time)) continue;
      const T* const v = cotangents_at(g, time);
      double slopes[STAGES + 1], sum = 0;
      dense_slopes((g.r->times[time] - s.t) / s.h, slopes);
      ODEON_EACH_SHARE(j, reverse_size(g))
      for (int i = 0; i < TAPE_RECORDS - 1; ++i) sum += slopes[i] * (double)k[i][j] * (double)v[j];
      sum = block_sum(sum);
      if (ODEON_FIRST_THREAD) g.r->gtimes[time * g.r->times_stride] = sum;
    }
  }
  // Around the product with the cotangent of f(t + h, y1), which adds to L.
  ODEON_FUNCTION void reverse_end_stage(const reverse_args& g) {
    TAPE_STAGES(k);
    const T* const y = tape_record(g, 0);
    EACH_ELEMENT(j) g.stage[j] = y[j] + (T)g.s->h * end_sum(k, j);
  }
  ODEON_FUNCTION void reverse_end_taken(const reverse_args& g) { EACH_ELEMENT(j) g.lambda[j] += g.mu[j]; }
  // From the product with K_i, for i = STAGES from L, to the one with K_(i-1), for i = 0 to the step before.
  ODEON_FUNCTION void reverse_pass(const reverse_args& g, int i) {
    TAPE_STAGES(k);
    const T* const y = tape_record(g, 0);
    const reverse_state& s = *g.s;
    const T h = (T)s.h;
    const bool taken = i < STAGES && has_product(s, i), ends = g.r->ends && s.step == 0;
    const bool moves = FIXED && g.r->gtimes;
    EACH_ELEMENT(j) {
      if (moves && i == STAGES) g.along[j] += (double)g.lambda[j] * (double)end_sum(k, j);
      if (moves && taken && i > 0) g.along[j] += (double)g.mu[j] * (double)stage_sum(i, k, j);
      if (i == STAGES) end_spread(h, g.lambda[j], g.K, j);
      if (taken) {
        g.after[j] += g.mu[j];
        stage_spread(i, h, g.mu[j], g.K, j);
      }
      if (i > 0) {
        g.stage[j] = i == 1 ? y[j] : y[j] + h * stage_sum(i - 1, k, j);
        continue;
      }
      g.lambda[j] += g.after[j];
      if (ends) g.r->gy0[j] = g.lambda[j] + g.r->gys[j];
    }
  }

  // One block.

  ODEON_FUNCTION void reverse_begin(const reverse_args& g) {
    if (!ODEON_FIRST_THREAD) return;
    reverse_state& s = *g.s;
    s.step = g.r->steps;
    s.times = 0;
    if (!g.r->begins) return;
    s.next = g.r->n_times - 1;
    s.products = 0;
    if (g.r->gtimes) g.r->gtimes[0] = 0;
  }
  ODEON_FUNCTION double step_begin(const reverse_run& r, int64 step) {
    return FIXED ? r.grid[step] : r.tape.steps[2 * step];
  }
  ODEON_FUNCTION double step_length(const reverse_run& r, int64 step) {
    return FIXED ? r.grid[step + 1] - r.grid[step] : r.tape.steps[2 * step + 1];
  }
  ODEON_FUNCTION void put_call_times(double* call_times, double t, double h) {
    for (int i = 0; i < STAGES; ++i) call_times[i] = t + stage_time(i) * h;
    call_times[STAGES] = t + h;
  }
  // At the step before.
  ODEON_FUNCTION void reverse_aim(const reverse_args& g) {
    if (!ODEON_FIRST_THREAD) return;
    reverse_state& s = *g.s;
    --s.step;
    s.t = step_begin(*g.r, s.step), s.h = step_length(*g.r, s.step);
    const bool first_of_solve = g.r->tape.first + s.step == 0;
    s.inside = 0;
    for (s.times = 0; s.next > 0; --s.next, ++s.times) {
      const double time = g.r->times[s.next];
      if (!first_of_solve && !(s.h > 0 ? time > s.t : time < s.t)) break;
      s.inside += !is_point(g, s.next);
    }
    put_call_times(g.call_times, s.t, s.h);
    for (int i = 0; i <= STAGES; ++i) s.products += has_product(s, i);
  }
  // All steps move with the first time, those of a grid with the times at their ends.
  ODEON_FUNCTION void reverse_first_time(const reverse_args& g) {
    const reverse_state& s = *g.s;
    if (!g.r->gtimes) return;
    const int64 rows = ROWS ? 1 : g.batch;
    double by_begin = 0, by_length = 0;
    for (int i = 0; i <= STAGES; ++i)
      if (has_product(s, i)) ODEON_EACH_SHARE(row, rows) {
          const double gt = (double)g.gt[i * rows + row];
          by_begin += gt;
          by_length += (i == STAGES ? 1 : stage_time(i)) * gt;
        }
    ODEON_EACH_SHARE(o, s.times) {
      const int64 time = s.next + 1 + o;
      if (is_point(g, time)) continue;
      const double slope = g.r->gtimes[time * g.r->times_stride];
      by_begin -= slope;
      by_length -= (g.r->times[time] - s.t) / s.h * slope;
    }
    if (FIXED) ODEON_EACH_SHARE(j, reverse_size(g)) by_length += g.along[j];
    by_begin = block_sum(by_begin);
    if (FIXED) by_length = block_sum(by_length);
    if (!ODEON_FIRST_THREAD) return;
    if (!FIXED) {
      g.r->gtimes[0] += by_begin;
      return;
    }
    const int64 begin = g.r->anchors[s.step], end = g.r->anchors[s.step + 1];
    if (end >= 0) g.r->gtimes[end * g.r->times_stride] += by_length;
    if (begin >= 0) g.r->gtimes[begin * g.r->times_stride] += by_begin - by_length;
  }
  ODEON_FUNCTION void reverse_tell(const reverse_args& g) {
    if (!ODEON_FIRST_THREAD) return;
    const reverse_state& s = *g.s;
    const int wanted[] = {s.step > 0, has_product(s, STAGES), has_product(s, STAGES - 1)};
    for (int i = 0; i < 3; ++i) set_condition(g.conditions[i], wanted[i]);
  }
)cpp";

// In one kernel, of one block or of many that run at once. In front of it stands field_call(calls, i, gate):
// the products with K_i at the stage.
constexpr const char* kReverseStep = R"cpp(
  // Behind reverse_aim.
  ODEON_FUNCTION void reverse_step(const reverse_args& g) {
    reverse_open(g);
    reverse_times(g);
    if (has_product(*g.s, STAGES)) {
      reverse_end_stage(g);
      ODEON_BARRIER(g.gate);
      field_call(g.calls, STAGES, g.gate);
      reverse_end_taken(g);
    }
    for (int i = STAGES; i > 0; --i) {
      reverse_pass(g, i);
      if (!has_product(*g.s, i - 1)) continue;
      ODEON_BARRIER(g.gate);
      field_call(g.calls, i - 1, g.gate);
    }
    reverse_pass(g, 0);
    ODEON_ONE_BLOCK reverse_first_time(g);
    ODEON_BARRIER(g.gate);
  }
)cpp";
constexpr const char* kReverseLoop = R"cpp(
  ODEON_WHOLE_KERNEL(odeon_joint_reverse, reverse_args) {
    ODEON_ONE_BLOCK reverse_begin(g);
    ODEON_BARRIER(g.gate);
    for (int64 step = g.r->steps; step > 0; --step) {
      ODEON_ONE_BLOCK reverse_aim(g);
      ODEON_BARRIER(g.gate);
      reverse_step(g);
    }
  }
)cpp";

}  // namespace odeon::cuda
