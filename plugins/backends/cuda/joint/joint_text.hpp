// Solves in which a whole batch takes its steps together, as phases: source text that is the same for every
// field and method. A phase is work for all threads of a launch, or the decisions of one block; between two
// phases everybody waits. Either one block, or many that run at once, run all phases of a solve in one kernel
// (kJointLoop), or each phase is a kernel of a captured loop (captured.hpp). In front of it stand: SIZE (of a
// row), PARTS (of the state, one batch of rows behind the other, each with a norm of its own), FIXED (steps
// between the points of a grid), CHUNK, STATE_BYTES, ROWS (the batch of a solve is one row, out of a->batch:
// rows_text.hpp), what method_text.hpp writes for a stage_list, quadrature_list, and control_text.hpp. Solves
// of a state with parts stand behind each other in one list of times (adjoint_text.hpp).
#pragma once

namespace odeon::cuda {

constexpr const char* kJointTape = R"cpp(
  // Steps [first, first + room) of a solve: t and h of each; and y, the stages and f(t1, y1), [record][size].
  struct joint_tape {
    int64 first, room;
    double* steps;
    T* states;
  };
#define TAPE_RECORDS (STAGES + 1 + (HERMITE && !FSAL))
)cpp";

constexpr const char* kJointConditions = R"cpp(
#ifdef __CUDACC__
  extern "C" __device__ void cudaGraphSetConditional(unsigned long long handle, unsigned value);
#else
  static inline void cudaGraphSetConditional(unsigned long long, unsigned) {}
#endif
  // condition: a handle + 1, or 0 for none.
  ODEON_FUNCTION void set_condition(unsigned long long condition, unsigned value) {
    if (condition != 0) cudaGraphSetConditional(condition - 1, value);
  }
)cpp";

constexpr const char* kJointTypes = R"cpp(
  // The solve so far, in device memory. One thread writes it, between two phases.
  struct joint_state {
    row_result r;
    controller control;
    stiffness watch;
    double t, h, direction, d0, d1;
    int64 next, next_end;  // times that lie in the step: [next, next_end)
    int have_begin, have_end, ok, wants_ratio, wants_end, running;
    int64 from, point, last_point;  // of the solves that stand behind each other: where its times, its grid
                                    // are
  };
  typedef char state_has_room[sizeof(joint_state) <= STATE_BYTES ? 1 : -1];
  struct joint_args {
    const solve_args* a;
    T *y, *y1, *stage;
    stage_list k;
    double *partials, *call_times;  // two lists of parts; t + c_i h of each stage, t + h
    joint_state* s;
    const odeon_args* calls;  // of the field: call by call, each with all of its kernels
    const joint_tape* tape;
    int64 which;  // of a phase that has several forms
    unsigned long long conditions[4];
    quadrature_list q;  // of a state with parts: what is integrated beside it, by call, and its integral
    T* integral;
    int64 quadratures;  // their elements
    unsigned* gate;     // 0; of blocks that wait for each other
  };
)cpp";

constexpr const char* kJointPhases = R"cpp(
  // What is measured: the state, its derivative, the difference of two derivatives over the first trial; the
  // error; arguments and slopes of the last two stages.
#define NORM_STATE 0
#define NORM_SLOPE 1
#define NORM_CHANGE 2
#define NORM_ERROR 3
#define NORM_ARGUMENTS 4
#define NORM_SLOPES 5

  ODEON_FUNCTION int64 joint_part(const joint_args& g) {
#ifdef ODEON_ONE_ROW
    return SIZE;
#else
    return g.a->batch * SIZE;
#endif
  }
  // From a time to the next one in arrays of all times.
  ODEON_FUNCTION int64 joint_stride(const joint_args& g) { return g.a->batch * SIZE; }
  ODEON_FUNCTION int64 joint_size(const joint_args& g) { return PARTS * joint_part(g); }
  ODEON_FUNCTION const double* joint_times(const joint_args& g) {
    return g.a->times + (PARTS > 1 ? g.s->from : 0);
  }

  // All threads.

  ODEON_FUNCTION void joint_put_first(const joint_args& g) {
    ODEON_EACH_ITEM(j, joint_size(g)) {
      g.y[j] = g.a->y0[j];
      if (g.a->ys) g.a->ys[j] = g.y[j];
    }
  }
  // The state for the field: of stage i; behind the last one, of y1; of the first trial.
  ODEON_FUNCTION void joint_combine(const joint_args& g, int i) {
    const T h = (T)g.s->h;
    T* const to = i == STAGES || (FSAL && i == STAGES - 1) ? g.y1 : g.stage;
    ODEON_EACH_ITEM(j, joint_size(g))
    to[j] = g.y[j] + h * (i == STAGES ? end_sum(g.k, j) : i == 0 ? g.k[0][j] : stage_sum(i, g.k, j));
  }
  ODEON_FUNCTION T joint_measured(const joint_args& g, int what, int64 j) {
    switch (what) {
      case NORM_STATE:
        return g.y[j];
      case NORM_SLOPE:
        return g.k[0][j];
      case NORM_CHANGE:
        return (T)(1 / fabs(g.s->h)) * (g.k[STAGES][j] - g.k[0][j]);
      case NORM_ERROR:
        return (T)g.s->h * error_sum(g.k, j);
      case NORM_ARGUMENTS:
        return between_sum(g.k, j);
    }
    return g.k[STAGES > 1 ? STAGES - 2 : 0][j] - g.k[STAGES - 1][j];
  }
  ODEON_FUNCTION double joint_quotient(const joint_args& g, int what, int64 j) {
    double y = fabs((double)g.y[j]);
    if (what == NORM_ERROR) {
      const double end = fabs((double)g.y1[j]);
      y = y != y || y > end ? y : end;
    }
    if (!is_finite(y)) y = y - y + y * 0;  // NaN: an infinite divisor must not hide an element
    const double rtol = g.a->rtol_vector ? g.a->rtol_vector[j % SIZE] : g.a->rtol,
                 atol = g.a->atol_vector ? g.a->atol_vector[j % SIZE] : g.a->atol;
    return fabs((double)joint_measured(g, what, j) / (atol + rtol * y));
  }
  ODEON_FUNCTION double block_join(double x) {
    if (!MAX_NORM) return block_sum(x);
    const bool lost = block_sum(x != x ? 1.0 : 0.0) > 0;
    const double largest = block_max(x != x ? 0.0 : x);
    return lost ? largest * 0 / 0 : largest;
  }
  ODEON_FUNCTION double join(double a, double b) { return !MAX_NORM ? a + b : a != a || a > b ? a : b; }
  // Of a part.
  ODEON_FUNCTION int64 joint_chunks(const joint_args& g) { return (joint_part(g) + CHUNK - 1) / CHUNK; }
  // Whether the first thread has what the norm of each part is made of, and needs nobody for it.
  ODEON_FUNCTION bool has_lone_chunks(const joint_args& g) {
#ifdef ODEON_LONE_BLOCKS
    return joint_chunks(g) == 1;
#else
    return false;
#endif
  }
  // A block per chunk, whose size and order do not depend on the launch.
  ODEON_FUNCTION void joint_norm(const joint_args& g, int what) {
    const int64 size = joint_part(g), chunks = joint_chunks(g);
    ODEON_EACH_BLOCK_ITEM(c, PARTS * chunks) {
      const int64 before = c % chunks * CHUNK, count = size - before < CHUNK ? size - before : CHUNK;
      const int64 first = c / chunks * size + before;
      double part = 0;
      ODEON_EACH_SHARE(r, count) {
        const double q = joint_quotient(g, what, first + r);
        part = join(part, MAX_NORM ? q : q * q);
      }
      part = block_join(part);
      if (ODEON_FIRST_THREAD) g.partials[(what % 2) * PARTS * chunks + c] = part;
    }
  }
  // Where in the step the time lies: at 1 if it is the grid's point there.
  ODEON_FUNCTION double joint_place(const joint_args& g, int64 time) {
    const joint_state& s = *g.s;
    if (FIXED && (!g.a->anchors || g.a->anchors[s.point + 1] == time)) return 1;
    return (joint_times(g)[time] - s.t) / s.h;
  }
  // A row whose fixed steps are not finite at the time ends there. All threads of its block come here.
  ODEON_FUNCTION bool joint_lost(const joint_args& g, bool lost, int64 time) {
    if (!(ROWS && FIXED && PARTS == 1)) return false;
    if (!(block_max(lost ? 1.0 : 0.0) > 0)) return false;
    if (ODEON_FIRST_THREAD) {
      joint_state& s = *g.s;
      ++s.r.accepted;
      s.r.status = 5;
      s.r.t = g.a->times[time - 1];
      s.r.h = g.a->times[time];
      s.running = 0;
    }
    return true;
  }
  ODEON_FUNCTION void joint_observe(const joint_args& g) {
    const joint_state& s = *g.s;
    if (!s.ok) return;
    const int64 size = joint_size(g);
    for (int64 time = s.next, end = s.next_end; time < end; ++time) {
      const double x = joint_place(g, time);
      const bool inside = !FIXED || x != 1;
      bool lost = false;
      double w[STAGES + 1];
      if (inside) dense_weights(x, w);
      ODEON_EACH_ITEM(j, size) {
        T value = g.y1[j];
        if (inside) {
          T sum = 0;
          for (int i = 0; i < STAGES; ++i) sum += (T)w[i] * g.k[i][j];
          if (HERMITE && !FSAL) sum += (T)w[STAGES] * g.k[STAGES][j];
          value = g.y[j] + (T)s.h * sum;
        }
        if (g.a->ys) g.a->ys[time * joint_stride(g) + j] = value;
        if (g.a->y_last && time == g.a->n_times - 1) g.a->y_last[j] = value;
        lost = lost || !is_finite(value);
      }
      if (joint_lost(g, lost, time)) return;
    }
  }
  ODEON_FUNCTION void joint_keep(const joint_args& g);
  // An accepted step's share of the integral: by b, in a step beyond the last time by the dense output's
  // weights.
  ODEON_FUNCTION void joint_integrate(const joint_args& g) {
    const joint_state& s = *g.s;
    if (!s.ok || g.quadratures == 0) return;
    const double x = (joint_times(g)[g.a->n_times - 1] - s.t) / s.h;
    const bool whole = FIXED || s.next_end < g.a->n_times || x == 1;
    double w[STAGES + 1];
    if (!whole) dense_weights(x, w);
    for (int i = 0; i < STAGES; ++i)
      if (whole) w[i] = end_weight(i);
    if (whole || !HERMITE || FSAL) w[STAGES] = 0;
    ODEON_EACH_ITEM(j, g.quadratures) {
      T sum = 0;
      for (int i = 0; i <= STAGES; ++i)
        if (w[i] != 0) sum += (T)w[i] * g.q[i][j];
      g.integral[j] += (T)s.h * sum;
    }
  }
  // The end of an accepted step becomes the beginning of the next one.
  ODEON_FUNCTION void joint_move_on(const joint_args& g) {
    if (!g.s->ok) return;
    const bool have_end = FSAL || g.s->have_end;
    const T* const end = g.k[FSAL ? STAGES - 1 : STAGES];
    ODEON_EACH_ITEM(j, joint_size(g)) {
      g.y[j] = g.y1[j];
      if (have_end) g.k[0][j] = end[j];
    }
    if (PARTS > 1 && have_end) ODEON_EACH_ITEM(j, g.quadratures) g.q[0][j] = g.q[FSAL ? STAGES - 1 : STAGES][j];
  }
  ODEON_FUNCTION void joint_put_end(const joint_args& g) {
    if (g.s->r.status != 0 && g.a->y_end) ODEON_EACH_ITEM(j, joint_size(g)) g.a->y_end[j] = g.y[j];
  }

  // One block.

  ODEON_FUNCTION double joint_norm_total(const joint_args& g, int what) {
    if (has_lone_chunks(g) && !ODEON_FIRST_THREAD) return 0;
    const int64 chunks = joint_chunks(g);
    double worst = 0;
    for (int p = 0; p < PARTS; ++p) {
      const double* const of_part = g.partials + (what % 2 * PARTS + p) * chunks;
      double part = of_part[0];
      if (chunks > 1) {
        part = 0;
        ODEON_EACH_SHARE(c, chunks) part = join(part, of_part[c]);
        part = block_join(part);
      }
      if (!MAX_NORM) part = sqrt(part / joint_part(g));
      worst = worst != worst || worst > part ? worst : part;
    }
    return worst;
  }
  // In front of a trial.
  ODEON_FUNCTION void joint_aim(const joint_args& g) {
    joint_state& s = *g.s;
    s.r.status = !FIXED ? limit_reached(*g.a, s.r.accepted + s.r.rejected, s.t, s.h)
                 : is_cancelled_at(*g.a, s.r.accepted) ? STATUS_CANCELLED
                                                       : 0;
    s.running = s.r.status == 0;
    for (int i = 0; i < STAGES; ++i) g.call_times[i] = s.t + stage_time(i) * s.h;
    g.call_times[STAGES] = s.t + s.h;
  }
  ODEON_FUNCTION void joint_begin(const joint_args& g) {
    if (!ODEON_FIRST_THREAD) return;
    joint_state& s = *g.s;
    const double* const times = joint_times(g);
    const row_result r = {times[0], 0, 0, 0, 0, 0, 1, 0};
    const controller control = {1, 1, 1};
    const stiffness watch = {0, 0, 0, false};
    s.r = r, s.control = control, s.watch = watch;
    s.t = times[0];
    s.direction = times[1] < times[0] ? -1 : 1;
    s.next = 1;
    s.have_begin = s.running = 1;
    g.call_times[0] = s.t;
    s.h = FIXED ? g.a->grid[s.point + 1] - s.t
                : s.direction * (g.a->first_step < g.a->max_step ? g.a->first_step : g.a->max_step);
    if (FIXED || g.a->first_step > 0) joint_aim(g);
  }
  // The first trial step, from the norms of state and slope.
  ODEON_FUNCTION void joint_first(const joint_args& g) {
    const double d0 = joint_norm_total(g, NORM_STATE), d1 = joint_norm_total(g, NORM_SLOPE);
    if (!ODEON_FIRST_THREAD) return;
    joint_state& s = *g.s;
    s.d0 = d0, s.d1 = d1;
    s.h = s.direction * (is_finite(d1) ? first_trial(d0, d1) : 1);
    g.call_times[STAGES] = s.t + s.h;
    ++s.r.evaluations;
  }
  ODEON_FUNCTION void joint_second(const joint_args& g) {
    const double d2 = joint_norm_total(g, NORM_CHANGE);
    if (!ODEON_FIRST_THREAD) return;
    joint_state& s = *g.s;
    if (is_finite(s.d1)) {
      s.h = s.direction * first_length(*g.a, first_trial(s.d0, s.d1), s.d1, d2);
      joint_aim(g);
    } else {
      s.h = s.running = 0;
      s.r.status = 3;
      s.r.error = s.d1;
    }
  }
  // Whether the trial passes, and what it asks for.
  ODEON_FUNCTION void joint_judge(const joint_args& g) {
    const double error = FIXED ? 0 : joint_norm_total(g, NORM_ERROR);
    if (!ODEON_FIRST_THREAD) return;
    joint_state& s = *g.s;
    s.r.evaluations += STAGES - 1 + (s.have_begin ? 0 : 1);
    s.have_begin = 1;
    s.r.error = error;
    s.ok = error <= 1;
    if (s.ok) count_accepted(*g.a, s.watch);
    s.wants_ratio = !FIXED && wants_ratio(*g.a, s.watch, s.ok, s.r.accepted + s.r.rejected, s.t, s.h);
    const double t1 = FIXED ? g.a->grid[s.point + 1] : s.t + s.h;
    const bool last = FIXED && s.point + 1 == s.last_point;
    s.wants_end = 0;
    for (s.next_end = s.next; s.ok && s.next_end < g.a->n_times; ++s.next_end) {
      if (!last && s.direction * (t1 - joint_times(g)[s.next_end]) < 0) break;
      if (HERMITE && !FSAL && (!FIXED || joint_place(g, s.next_end) != 1)) s.wants_end = 1;
    }
    s.have_end = 0;
  }
  ODEON_FUNCTION void joint_look(const joint_args& g) {
    const double arguments = joint_norm_total(g, NORM_ARGUMENTS), slopes = joint_norm_total(g, NORM_SLOPES);
    if (!ODEON_FIRST_THREAD) return;
    joint_state& s = *g.s;
    s.r.stability_ratio = ratio_of(*g.a, arguments, slopes);
    if (s.ok && due(s.watch)) look(*g.a, s.watch, s.r.stability_ratio);
    if (!hopeless(*g.a, s.watch, s.r.accepted + s.r.rejected, joint_times(g)[g.a->n_times - 1] - s.t, s.h))
      return;
    ++s.r.accepted;
    s.r.status = 4;
    s.ok = s.wants_end = s.running = 0;
  }
  ODEON_FUNCTION void joint_count_end(const joint_args& g) {
    if (!ODEON_FIRST_THREAD) return;
    g.s->have_end = 1;
    ++g.s->r.evaluations;
  }
  // Behind a trial: time, counts, and the length of the next one.
  ODEON_FUNCTION void joint_step_on(const joint_args& g) {
    if (!ODEON_FIRST_THREAD || g.s->r.status != 0) return;
    joint_state& s = *g.s;
    ++(s.ok ? s.r.accepted : s.r.rejected);
    if (s.ok) {
      s.t = FIXED ? g.a->grid[++s.point] : s.t + s.h;
      s.next = s.next_end;
      s.have_begin = FSAL || s.have_end;
      if (s.next == g.a->n_times) {
        s.running = 0;
        return;
      }
    }
    if (FIXED) {
      s.h = g.a->grid[s.point + 1] - s.t;
    } else {
      s.h *= factor_after(*g.a, s.control, (T)s.r.error);
      if (fabs(s.h) > g.a->max_step) s.h = s.direction * g.a->max_step;
    }
    joint_aim(g);
  }
  // Tells the nodes of a captured loop what the state asks for.
  ODEON_FUNCTION void joint_tell(const joint_args& g) {
    if (!ODEON_FIRST_THREAD) return;
    const joint_state& s = *g.s;
    const int wanted[] = {s.running, s.running && !s.have_begin, s.wants_ratio, s.wants_end};
    for (int i = 0; i < 4; ++i) set_condition(g.conditions[i], wanted[i]);
  }
  // How a solve stands. A row that cannot begin has the direction of its first step.
  ODEON_FUNCTION row_result joint_ended(const joint_args& g) {
    const joint_state& s = *g.s;
    row_result r = s.r;
    if (r.status == 5) return r;
    r.t = s.t;
    r.h = s.h;
    if (ROWS && r.status == 3) r.h = s.direction, r.error = 0;
    return r;
  }
  ODEON_FUNCTION void joint_result(const joint_args& g) {
    if (!ODEON_FIRST_THREAD) return;
    *g.a->results = joint_ended(g);
  }
)cpp";

// What becomes of an accepted step: onto the tape, which may have room for it.
constexpr const char* kJointKeep = R"cpp(
  ODEON_FUNCTION void joint_keep(const joint_args& g) {
    const joint_state& s = *g.s;
    const int64 size = joint_size(g), step = s.r.accepted - g.tape->first;
    if (!s.ok || step < 0 || step >= g.tape->room) return;
    T* const to = g.tape->states + step * TAPE_RECORDS * size;
    ODEON_EACH_ITEM(j, size) {
      to[j] = g.y[j];
      for (int i = 0; i < STAGES; ++i) to[(i + 1) * size + j] = g.k[i][j];
      if (HERMITE && !FSAL && s.have_end) to[(STAGES + 1) * size + j] = g.k[STAGES][j];
      if (j == 0) g.tape->steps[2 * step] = s.t, g.tape->steps[2 * step + 1] = s.h;
    }
  }
)cpp";

// The phases of a step in one kernel. In front of it stands field_call(calls, i, gate): the field at the
// state of call i, with a barrier behind each of its kernels.
constexpr const char* kJointSteps = R"cpp(
  // For a phase that changes nothing which they are made of.
  ODEON_FUNCTION void joint_norms(const joint_args& g, int one, int other) {
    joint_norm(g, one);
    if (other != one) joint_norm(g, other);
    if (!has_lone_chunks(g)) ODEON_BARRIER(g.gate);
  }
  ODEON_FUNCTION void joint_first_step(const joint_args& g) {
    joint_norms(g, NORM_STATE, NORM_SLOPE);
    ODEON_ONE_BLOCK joint_first(g);
    ODEON_BARRIER(g.gate);
    joint_combine(g, 0);
    ODEON_BARRIER(g.gate);
    field_call(g.calls, STAGES + 1, g.gate);
    joint_norm(g, NORM_CHANGE);
    ODEON_BARRIER(g.gate);
    ODEON_ONE_BLOCK joint_second(g);
    ODEON_BARRIER(g.gate);
  }
  ODEON_FUNCTION void joint_trial(const joint_args& g) {
    if (!g.s->have_begin) field_call(g.calls, 0, g.gate);
    for (int i = 1; i < STAGES + (FSAL ? 0 : 1); ++i) {
      joint_combine(g, i);
      ODEON_BARRIER(g.gate);
      if (i < STAGES) field_call(g.calls, i, g.gate);
    }
    if (!FIXED) joint_norms(g, NORM_ERROR, NORM_ERROR);
    ODEON_ONE_BLOCK joint_judge(g);
    ODEON_BARRIER(g.gate);
    if (g.s->wants_ratio) {
      joint_norms(g, NORM_ARGUMENTS, NORM_SLOPES);
      ODEON_ONE_BLOCK joint_look(g);
      ODEON_BARRIER(g.gate);
    }
    if (g.s->wants_end) {
      field_call(g.calls, STAGES, g.gate);
      ODEON_ONE_BLOCK joint_count_end(g);
      ODEON_BARRIER(g.gate);
    }
    PARTS > 1 ? joint_integrate(g) : joint_keep(g);  // in front of joint_lost, which counts the step
    joint_observe(g);
    joint_move_on(g);  // in which a thread overwrites what it alone has read since
    ODEON_BARRIER(g.gate);
    ODEON_ONE_BLOCK joint_step_on(g);
    ODEON_BARRIER(g.gate);
  }
)cpp";

// All of a solve.
constexpr const char* kJointSolve = R"cpp(
  ODEON_FUNCTION void joint_solve(const joint_args& g) {
    ODEON_ONE_BLOCK joint_begin(g);
    joint_put_first(g);
    ODEON_BARRIER(g.gate);
    field_call(g.calls, 0, g.gate);
    if (!FIXED && !(g.a->first_step > 0)) joint_first_step(g);
    while (g.s->running) joint_trial(g);
    ODEON_ONE_BLOCK joint_result(g);
    joint_put_end(g);
  }
)cpp";

// In one kernel.
constexpr const char* kJointLoop = R"cpp(
  ODEON_WHOLE_KERNEL(odeon_joint, joint_args) { joint_solve(g); }
)cpp";

}  // namespace odeon::cuda
