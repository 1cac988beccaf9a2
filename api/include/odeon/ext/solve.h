/* odeon.backend.solve/1: a backend that runs solves to their end by itself: field, tableau and step control as one plan,
 * with adaptive steps either each row with its own t, h and acceptance, or all rows with the same. Without it, or where
 * `compile` returns ODEON_E_UNSUPPORTED, the host drives the steps; both give the same steps up to round-off. */
#ifndef ODEON_EXT_SOLVE_H
#define ODEON_EXT_SOLVE_H

#include <odeon/backend.h>
#include <odeon/graph.h>
#include <odeon/solver.h>

#define ODEON_EXT_BACKEND_SOLVE "odeon.backend.solve/1"

typedef struct odeon_solve_plan odeon_solve_plan;

/* Values at requested times inside a step that ends at y1, with x in [0, 1]. */
#define ODEON_DENSE_METHOD 0  /* by the tableau's own polynomial */
#define ODEON_DENSE_HERMITE 1 /* y0 + h (x^2 (3 - 2x) sum b_i k_i + x (1 - x)^2 f(t0, y0) + x^2 (x - 1) f(t1, y1)) */
#define ODEON_DENSE_LINEAR 2  /* y0 + h x sum b_i k_i */

/* What is compiled; borrowed for the call. Growable. */
typedef struct odeon_solve_spec {
  uint32_t struct_size;
  int32_t dtype;
  const odeon_graph* graph;     /* the field's: input 0 is y, output 0 is dy/dt; valid */
  const odeon_tableau* tableau; /* explicit; for adaptive steps with an embedded estimate */
  int32_t dense;                /* ODEON_DENSE_* */
  int32_t norm;                 /* ODEON_NORM_*: of every scaled norm below */
  int32_t fixed;                /* 0: adaptive steps; 1: steps between the points of a grid */
  int32_t reserved;
  int64_t joint;                /* 0: adaptive steps of each row on its own; else as many rows, all of which take the
                                   same steps: norms are of the whole batch, and there is one result */
} odeon_solve_spec;

/* Adaptive step control of one row, or of a joint batch, which is then like one row. |x| is the norm of x / (atol + rtol max(|y0|, |y1|)), of `error_norm`.
 *
 * First step, unless given (Hairer, Norsett, Wanner I, II.4), with d0 = |y|, d1 = |f(t, y)| at y:
 *   h0 = 1e-6 if d0 < 1e-5 or d1 < 1e-5, else 0.01 d0 / d1;   d2 = |f(t + h0, y + h0 f) - f| / h0;
 *   d = max(d1, d2), DBL_MAX if d2 is not finite; h1 = max(1e-6, h0 / 1000) if d <= 1e-15, else (0.01 / d)^(1/order);
 *   h = min(100 h0, h1, max_step). A d1 that is not finite ends the row: ODEON_ROW_NOT_FINITE.
 * Before each trial: ODEON_ROW_SPENT after max_steps trials, ODEON_ROW_UNDERFLOW if t + h == t or |h| < min_step.
 * A trial with the error e = |h sum (b_i - b_hat_i) k_i| is accepted if e <= 1. Then h is multiplied by
 *   min_factor if e is not finite, max_factor if e is 0, else the larger of w and min_factor, or, where the law has no
 *   memory (beta[1] = beta[2] = alpha = 0) and e < 1, of w and 1; at most max_factor;
 *   w = safety e^(-1/k) if e > 1, else safety e^(-beta0/k) e1^(-beta1/k) e2^(-beta2/k) r^(-alpha), k = error_order,
 * with e1, e2 the errors of the accepted steps before (at least 1e-8; at first 1) and r the factor that followed the
 * last one (at first 1); |h| <= max_step.
 * A row is watched for stiffness where stability_limit > 0: the ratio
 *   stability_hides |k_s - k_(s-1)| / |sum_j (a_sj - a_(s-1)j) k_j| / stability_limit   (at y0; 0 where that divides by 0)
 * of every stiff_every-th accepted step, then of each until it is above stiff_near stiff_hits times (the row is stiff)
 * or below it stiff_misses times in between. A stiff row whose steps do not reach the end in the trials that are left
 * ends, its last step counted: ODEON_ROW_STIFF. The ratio is also taken of the last trial that max_steps allows, and
 * of rejected ones that may be followed by an underflow (min_factor h). Growable. */
typedef struct odeon_step_settings {
  uint32_t struct_size;
  int32_t order, error_order;
  int32_t stiff_every, stiff_hits, stiff_misses;
  int64_t max_steps;
  double first_step; /* 0: not given */
  double min_step, max_step;
  double safety, min_factor, max_factor;
  double beta[3], alpha;
  double stability_limit, stability_hides, stiff_near;
  double rtol, atol;
  const double* rtol_vector; /* as in odeon_error_norm_args */
  const double* atol_vector;
} odeon_step_settings;

#define ODEON_ROW_DONE 0
#define ODEON_ROW_SPENT 1
#define ODEON_ROW_UNDERFLOW 2
#define ODEON_ROW_NOT_FINITE 3
#define ODEON_ROW_STIFF 4
#define ODEON_ROW_LOST 5 /* of fixed steps: not finite at the requested time `h`; `t` is the time before that */

/* How a row ended, in host memory. Frozen. */
typedef struct odeon_row_result {
  double t, h, error;      /* where it stands, the step tried or to be tried there, the last scaled error */
  double stability_ratio;  /* of the last step that was looked at */
  int64_t accepted, rejected, evaluations;
  int64_t status;          /* ODEON_ROW_* */
} odeon_row_result;

/* Of all rows, in host memory. Frozen. */
typedef struct odeon_solve_totals {
  int64_t written;             /* 1: by the backend; else nothing below counts */
  int64_t failed;              /* rows that are not ODEON_ROW_DONE */
  int64_t accepted, rejected;  /* sums */
  int64_t evaluations;         /* of the row that has the most */
} odeon_solve_totals;

/* Tensors are dense, in backend memory, of the plan's dtype. Growable. */
typedef struct odeon_solve_run {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t batch;
  const double* times; /* [n_times], host, strictly monotonic; at least two */
  int64_t n_times;
  const odeon_tensor* theta;   /* flat; NULL for a graph without PARAMETER */
  const odeon_tensor* y0;      /* [batch, state…] */
  const odeon_tensor* ys;      /* [n_times, batch, state…] or NULL; times that a row does not reach are left as they are */
  const odeon_tensor* y_last;  /* [batch, state…] at the last time, or NULL */
  const odeon_tensor* y_end;   /* [batch, state…]: the state at `t` of each row that is not done; NULL for fixed steps */
  odeon_row_result* results;   /* [batch], host; [1] of joint steps */
  const double* grid;          /* [n_grid], host: from the first time to the last; NULL for adaptive steps */
  const int64_t* grid_times;   /* [n_grid], host: the index of the time that a point is; -1: of none */
  int64_t n_grid;
  odeon_solve_totals* totals;  /* NULL, or all that the host asks of rows that do not fail: a backend that writes them
                                  need not write `results` where none did */
} odeon_solve_run;

/* Growable. A plan belongs to one backend and is run by one thread at a time. */
typedef struct odeon_backend_solve_api {
  uint32_t struct_size;
  uint32_t reserved;
  odeon_status (*compile)(odeon_backend* backend, const odeon_solve_spec* spec, odeon_solve_plan** out);
  void (*destroy)(odeon_solve_plan* plan);
  /* Complete when it returns. settings: NULL for fixed steps. */
  odeon_status (*run)(odeon_solve_plan* plan, odeon_queue* queue, const odeon_step_settings* settings,
                      const odeon_solve_run* run);
} odeon_backend_solve_api;

#endif
