// The continuous adjoint of a batch that steps together: (y, a) from each time to the one before, by the
// phases of joint_text.hpp for a state of two parts; dL/dtheta is integrated beside it. The solves stand
// behind each other in the list of times, the last one first. Call i of the field gives f, -a^T df/dy and
// -a^T df/dtheta.
#pragma once

namespace odeon::cuda {

constexpr const char* kJointAdjointPhases = R"cpp(
  // Of all solves, in device memory. One thread writes it, between two phases.
  struct adjoint_state {
    int64 at, accepted, rejected, products;  // at: the time at which the solve begins that runs now
    int64 going;
  };
  // What differs from run to run, in device memory.
  struct adjoint_run {
    int64 n_times;
    const T *ys, *gys;
    T *gy0, *found;           // found: y where each solve ended; or null
    const int64* grid_begin;  // [n_times]; of fixed steps
    double* gtimes;           // or null; of rows [time][row]
  };
  struct adjoint_args {
    joint_args j;  // of one solve; its times are all of them, from the last to the first
    adjoint_state* s;
    const adjoint_run* r;
    T* end;         // (y, a) where the last solve ended
    double* norms;  // as in odeon_solve_gradient_run
  };

  // a behind the jump at the time s.at, and in front of it.
  ODEON_FUNCTION T adjoint_before(const adjoint_args& g, int64 j) {
    return g.s->at == g.r->n_times - 1 ? (T)0 : g.end[joint_part(g.j) + j];
  }
  ODEON_FUNCTION T adjoint_behind(const adjoint_args& g, int64 j) {
    return adjoint_before(g, j) + g.r->gys[g.s->at * joint_stride(g.j) + j];
  }

  // All threads.

  ODEON_FUNCTION void adjoint_put(const adjoint_args& g) {
    const int64 half = joint_part(g.j);
    ODEON_EACH_ITEM(j, half) {
      g.j.y[j] = g.r->ys[g.s->at * joint_stride(g.j) + j];
      g.j.y[half + j] = adjoint_behind(g, j);
    }
  }
  ODEON_FUNCTION void adjoint_find(const adjoint_args& g) {
    const int64 half = joint_part(g.j);
    if (!g.r->found || g.j.s->r.status != 0) return;
    ODEON_EACH_ITEM(j, half) g.r->found[(g.s->at - 1) * joint_stride(g.j) + j] = g.end[j];
  }
  ODEON_FUNCTION void adjoint_result(const adjoint_args& g) {
    ODEON_EACH_ITEM(j, joint_part(g.j)) g.r->gy0[j] = g.j.y[joint_part(g.j) + j];
  }

  // One block.

  ODEON_FUNCTION void adjoint_begin(const adjoint_args& g) {
    if (!ODEON_FIRST_THREAD) return;
    const adjoint_state s = {g.r->n_times - 1, 0, 0, 0, 1};
    *g.s = s;
  }
  ODEON_FUNCTION void adjoint_aim(const adjoint_args& g) {
    if (ODEON_FIRST_THREAD) {
      joint_state& s = *g.j.s;
      s.from = g.r->n_times - 1 - g.s->at;
      if (FIXED) {
        s.point = g.r->grid_begin[s.from];
        s.last_point = g.r->grid_begin[s.from + 1] - 1;
      }
    }
    joint_begin(g.j);
  }
  // dL/dt of the time s.at, where k[0] is the derivative.
  ODEON_FUNCTION void adjoint_along(const adjoint_args& g) {
    if (!g.r->gtimes) return;
    const int64 half = joint_part(g.j), at = g.s->at;
    double sum = 0;
    ODEON_EACH_SHARE(j, half) {
      const T a = at == 0 ? -adjoint_before(g, j) : g.r->gys[at * joint_stride(g.j) + j];
      sum += (double)a * (double)g.j.k[0][j];
    }
    sum = block_sum(sum);
    if (ODEON_FIRST_THREAD) g.r->gtimes[ROWS ? at * g.j.a->batch : at] = sum;
  }
  // Of a solve that failed: of (y, a) where it began; where it stands, or of the derivative that is not
  // finite.
  ODEON_FUNCTION void adjoint_norms(const adjoint_args& g) {
    const int64 half = joint_part(g.j);
    const T* const stands = !ROWS && g.j.s->r.status == 3 ? g.j.k[0] : g.j.y;
    double began = 0, now = 0;
    ODEON_EACH_SHARE(j, half) {
      const double y = (double)g.r->ys[g.s->at * joint_stride(g.j) + j], a = (double)adjoint_behind(g, j);
      began += y * y + a * a;
      now += (double)stands[j] * (double)stands[j] + (double)stands[half + j] * (double)stands[half + j];
    }
    began = block_sum(began);
    now = block_sum(now);
    if (ODEON_FIRST_THREAD) g.norms[0] = sqrt(began), g.norms[ROWS ? g.j.a->batch : 1] = sqrt(now);
  }
  // Behind a solve.
  ODEON_FUNCTION void adjoint_close(const adjoint_args& g) {
    const joint_state& s = *g.j.s;
    if (s.r.status != 0) adjoint_norms(g);
    bool lost = false;
    if (FIXED) {
      double any = 0;
      ODEON_EACH_SHARE(j, joint_size(g.j)) any = is_finite((double)g.end[j]) ? any : 1.0;
      lost = block_max(any) > 0;
    }
    if (!ODEON_FIRST_THREAD) return;
    row_result r = joint_ended(g.j);
    if (lost) r.status = 5, r.t = joint_times(g.j)[0], r.h = joint_times(g.j)[1];
    adjoint_state& all = *g.s;
    all.products += r.evaluations;
    if (r.status == 0) {
      r.accepted = all.accepted += r.accepted;
      r.rejected = all.rejected += r.rejected;
      --all.at;
    }
    all.going = r.status == 0 && all.at > 0;
    r.evaluations = all.products;
    *g.j.a->results = r;
  }
  // In front of the last look at the first time.
  ODEON_FUNCTION void adjoint_end(const adjoint_args& g) {
    if (!ODEON_FIRST_THREAD) return;
    g.j.call_times[0] = g.j.a->times[g.r->n_times - 1 - g.s->at];
    if (g.r->gtimes) ++g.s->products;
  }
  // Tells the nodes of a captured loop: whether there is another solve, whether this one goes on.
  ODEON_FUNCTION void adjoint_tell(const adjoint_args& g) {
    if (!ODEON_FIRST_THREAD) return;
    set_condition(g.j.conditions[0], g.s->going != 0);
    set_condition(g.j.conditions[1], g.j.s->running);
  }
)cpp";

// All of it in one kernel, by one block or by several that run at once.
constexpr const char* kJointAdjointSolve = R"cpp(
  ODEON_FUNCTION void adjoint_solve(const adjoint_args& g) {
    ODEON_ONE_BLOCK adjoint_begin(g);
    ODEON_BARRIER(g.j.gate);
    while (g.s->going) {
      adjoint_put(g);
      ODEON_ONE_BLOCK adjoint_aim(g);
      ODEON_BARRIER(g.j.gate);
      field_call(g.j.calls, 0, g.j.gate);
      ODEON_ONE_BLOCK adjoint_along(g);
      if (!FIXED && !(g.j.a->first_step > 0)) joint_first_step(g.j);
      while (g.j.s->running) joint_trial(g.j);
      adjoint_find(g);
      ODEON_BARRIER(g.j.gate);
      ODEON_ONE_BLOCK adjoint_close(g);
      ODEON_BARRIER(g.j.gate);
    }
    adjoint_put(g);
    ODEON_ONE_BLOCK adjoint_end(g);
    ODEON_BARRIER(g.j.gate);
    if (g.r->gtimes) field_call(g.j.calls, 0, g.j.gate);
    ODEON_ONE_BLOCK adjoint_along(g);
    adjoint_result(g);
  }
)cpp";
constexpr const char* kJointAdjointLoop = R"cpp(
  ODEON_WHOLE_KERNEL(odeon_joint_adjoint, adjoint_args) {
    adjoint_solve(g);
  }
)cpp";

}  // namespace odeon::cuda
