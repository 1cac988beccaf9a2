/* odeon.host.engine/1: the host's integration engine, for gradient strategies. */
#ifndef ODEON_EXT_ENGINE_H
#define ODEON_EXT_ENGINE_H

#include <odeon/ext/solve_gradient.h>
#include <odeon/field.h>
#include <odeon/solver.h>

#define ODEON_EXT_HOST_ENGINE "odeon.host.engine/1"

/* A field with its θ, a solver with its options, a backend with a queue, and a batch size. Owned by
 * the host, or by whoever called `derive`. */
typedef struct odeon_problem odeon_problem;
typedef struct odeon_dense odeon_dense; /* a solution as a function of time, in tape memory */
typedef struct odeon_trace odeon_trace; /* what a solver by code computed, in tape memory */
typedef struct odeon_reversal odeon_reversal; /* where a solve that can be taken back ended, in tape memory */
typedef struct odeon_residuals odeon_residuals; /* what the reverse of one evaluation of the field reads */
typedef struct odeon_row_gradient odeon_row_gradient; /* a solve that its backend differentiates by itself */

/* Growable. */
typedef struct odeon_problem_info {
  uint32_t struct_size;
  int32_t dtype;
  const odeon_backend_api* backend_api;
  odeon_backend* backend;
  odeon_queue* queue;
  odeon_tensor state; /* shape [batch, state…], no data; a derived problem's has [parts, batch, state…] */
  odeon_tensor theta; /* flat; no elements when the field has no parameters */
  const odeon_tableau* tableau; /* of the solver; NULL when it takes steps by code */
  int32_t differentiable;       /* 1 when field_vjp works */
  int32_t reserved;
  int32_t additive; /* 1: steps take the field's halves apart (odeon_tableau.a_explicit) */
  int32_t reserved2;
  /* Of step control, as in odeon_error_norm_args; zero and NULL with fixed steps. */
  double rtol, atol;
  const double* rtol_vector;
  const double* atol_vector;
  /* 1: each row has steps of its own, so that nobody can see the steps of the batch; `row_solve` is the only solve that
   * a strategy can differentiate. Only strategies that state ODEON_GRADIENT_ROWS meet this. */
  int32_t rows_apart;
  int32_t reserved3;
} odeon_problem_info;

/* One requested time that lies in an accepted step. Frozen. */
typedef struct odeon_observation {
  int64_t index;  /* into times */
  double x;       /* (times[index] - t0) / h, in [0, 1] */
  int32_t at_end; /* 1: the step ends at this time by construction, and the result is y1 itself */
  int32_t reserved;
} odeon_observation;

/* An accepted step of a tableau method, borrowed for the call of on_step:
 *   k[i] = f(t0 + c_i h, y0 + h Σ a_ij k_j),  y1 = y0 + h Σ b_i k_i,
 * (of an additive step, see odeon_problem_info, k[i] = f(t0 + c_i h, Y_i) with the Y_i of odeon_tableau)
 *   observation at x: y0 + h Σ_i w_i(x) k_i with w from `dense_weights`.
 * k has s stages; then f(t0 + h, y1) and then f(t0, y0), when dense output by Hermite needs them and no stage is
 * it. Growable. */
typedef struct odeon_step_record {
  uint32_t struct_size;
  int32_t n_k;
  double t0, h;
  /* The ends as functions of times: t0 = times[t0_anchor] + const, or const where the anchor is -1.
   * So gradients of h and t0 become gradients of observation times. */
  int64_t t0_anchor, t1_anchor;
  int32_t first_same_as_last; /* 1: k[0] is the previous step's last k (one evaluation serves both) */
  int32_t end_derivative;     /* index in k of f(t0 + h, y1); -1: none was evaluated */
  const odeon_tensor* y0;
  const odeon_tensor* y1;
  const odeon_tensor* k; /* [n_k] */
  const odeon_observation* observations;
  int64_t n_observations;
  int32_t begin_derivative; /* index in k of f(t0, y0); -1: none was evaluated */
  int32_t reserved;
  /* [n_k], of the evaluations that are k, where the solve was asked for them; NULL where there are none, as for the
   * first of first_same_as_last. Borrowed, like k, but may be taken by residuals_keep. */
  odeon_residuals* const* residuals;
} odeon_step_record;

/* Which steps a solve takes. */
#define ODEON_STEPS_OWN 0   /* as the solver's options say */
#define ODEON_STEPS_KEEP 1  /* likewise, and the problem keeps them in place of those that it kept before */
#define ODEON_STEPS_AGAIN 2 /* those that it kept, as constants, for the same times. Refused where there are none: with
                               events, and for solvers that choose their steps themselves */
#define ODEON_STEPS_MOVED 3 /* own ones, for times that were moved from those of the solve that is differentiated: the
                               ends of a given grid move with the first and the last of them */

/* Growable. */
typedef struct odeon_solve_args {
  uint32_t struct_size;
  uint32_t steps;              /* ODEON_STEPS_* */
  const odeon_tensor* y0;      /* shape of info.state */
  const double* times;         /* [n_times], strictly increasing or strictly decreasing */
  int64_t n_times;
  const odeon_tensor* ys;      /* [n_times, shape of info.state]; NULL: not wanted */
  const odeon_tensor* y_last;  /* shape of info.state: the state at the last time; NULL: not wanted */
  const odeon_tensor* quadrature; /* ∫ q dt is added here; NULL when the problem has none */
  /* Called after each accepted step, before the stages are overwritten; NULL: not wanted. A
   * status other than ODEON_OK ends the solve and is returned. */
  odeon_status (*on_step)(void* user, const odeon_step_record* step);
  void* user;
  const odeon_tensor* theta; /* in place of the problem's θ for this solve; NULL: the problem's */
  /* Receives the solution as a function of time, from the method's dense output, or cubic where it has none;
   * NULL: not wanted. */
  odeon_dense** dense;
  /* 1: evaluations of stages keep what their reverse reads, where residual_bytes is not 0. */
  int32_t residuals;
  int32_t reserved;
} odeon_solve_args;

/* Accepted steps once more, without step control: steps i = 0 … n_steps - 1 from t0[i] over h[i]. With the y0, t0,
 * h of a solve's records, the same bits. Refused unless the solver is an explicit tableau: the steps of others
 * depend on more than where they begin. Growable. */
typedef struct odeon_replay_args {
  uint32_t struct_size;
  uint32_t reserved;
  const odeon_tensor* y0; /* shape of info.state: the state at t0[0] */
  int64_t n_steps;
  const double* t0; /* [n_steps], host */
  const double* h;
  /* [n_steps], host: 1 where the record of the solve had an end derivative beside the stages; NULL: nowhere. */
  const uint8_t* end_derivative;
  /* Where f(t0[0], y0) was evaluated: t0[0], or with first_same_as_last the t0 + h of the step before. */
  double begin_t;
  const odeon_tensor* y1; /* shape of info.state: the state behind the last step; NULL: not wanted; may be y0 */
  /* As in odeon_solve_args; records without observations and anchors (-1). */
  odeon_status (*on_step)(void* user, const odeon_step_record* step);
  void* user;
  const odeon_tensor* theta; /* in place of the problem's θ; NULL: the problem's */
  int32_t residuals;         /* as in odeon_solve_args; memory of one step, which counts as tape meanwhile */
  int32_t reserved2;
} odeon_replay_args;

/* Ju = df/dy u + df/dθ theta_dot + df/dt t_dot at (t, y): exact for fields that lower themselves to a graph, by
 * central differences of eval for others. Ju must not be y, u or theta_dot. Growable. */
typedef struct odeon_jvp_args {
  uint32_t struct_size;
  uint32_t reserved;
  odeon_scalar t;
  const odeon_tensor* y;
  const odeon_tensor* u;         /* shape of y; NULL: zero */
  const odeon_tensor* theta_dot; /* flat; NULL: zero */
  double t_dot;
  const odeon_tensor* Ju;        /* shape of y; overwritten */
} odeon_jvp_args;

/* The stages' cotangents of one implicit step: solves
 *   kappa_i - h Σ_j a_ji J_jᵀ kappa_j = r_i   for all i,   J_j = df/dy (t0 + c_j h, y0 + h Σ_l a_jl k_l),
 * to round-off. Growable. */
typedef struct odeon_stage_cotangents_args {
  uint32_t struct_size;
  uint32_t reserved;
  double t0, h;
  const odeon_tensor* y0;
  const odeon_tensor* k;     /* [stages] */
  const odeon_tensor* r;     /* [stages] */
  const odeon_tensor* kappa; /* [stages]; overwritten; may be r */
} odeon_stage_cotangents_args;

/* Growable. */
typedef struct odeon_reversal_args {
  uint32_t struct_size;
  uint32_t reserved;
  const odeon_tensor* y0;     /* of the solve */
  const odeon_tensor* gys;    /* dL/dys of the solve */
  const odeon_tensor* gy0;    /* overwritten */
  const odeon_tensor* gtheta; /* added to; NULL: not wanted */
  /* Called with each observation as it comes about again, from the last one to the first; y is borrowed. A status
   * other than ODEON_OK ends the call and is returned. NULL: not wanted. */
  odeon_status (*on_observation)(void* user, int64_t index, const odeon_tensor* y);
  void* user;
} odeon_reversal_args;

/* A system made from another one, e.g. state and adjoint together. Its state is `parts` arrays of the
 * parent's state shape, one behind the other; the error norm is the largest of the parts' norms.
 * Growable. */
typedef struct odeon_derived_field {
  uint32_t struct_size;
  int32_t parts;
  int64_t quadratures;      /* elements of q, summed over the batch; 0: none */
  int32_t quadrature_in_norm; /* 1: the error norm includes the error of ∫ q dt as one more part */
  int32_t reserved;
  /* dy = g(t, y), q = q(t, y), both overwritten; q is NULL where its weight in the method is zero. */
  odeon_status (*eval)(void* user, odeon_scalar t, const odeon_tensor* y, const odeon_tensor* dy,
                       const odeon_tensor* q);
  void* user;
} odeon_derived_field;

/* How a derived problem is solved. Growable. */
typedef struct odeon_derive_args {
  uint32_t struct_size;
  uint32_t reserved;
  const odeon_derived_field* field;
  const odeon_component_handle* solver; /* NULL: the parent's solver with its options */
  double rtol, atol;                    /* NaN: as the solver's options say */
  int32_t ends_exactly; /* 1: steps never go beyond the last time of a solve, where eval may not be defined */
  int32_t reserved2;
} odeon_derive_args;

/* A solve of independent rows (with fixed steps, or each with its own) by a backend that differentiates it, too.
 * Growable. */
typedef struct odeon_row_solve_args {
  uint32_t struct_size;
  int32_t method;         /* ODEON_SOLVE_GRADIENT_* */
  const odeon_tensor* y0; /* as in odeon_solve_args; unchanged, with θ, until the result is destroyed */
  const double* times;    /* likewise */
  int64_t n_times;
  const odeon_tensor* ys; /* likewise */
  int64_t tape_limit;     /* as in odeon_solve_gradient_run */
  int64_t most_states;    /* likewise; ODEON_E_UNSUPPORTED, behind a solve for nothing, where it cannot be kept */
  /* Of the adjoint, as in odeon_derive_args. */
  const odeon_component_handle* solver;
  double rtol, atol;
} odeon_row_solve_args;

/* Growable. */
typedef struct odeon_row_reverse_args {
  uint32_t struct_size;
  uint32_t reserved;
  const odeon_tensor* gys;     /* dL/dys, shape of ys */
  const odeon_tensor* gy0;     /* overwritten; shape of y0 */
  const odeon_tensor* gtheta;  /* added to; flat; NULL: not wanted */
  double* gtimes;              /* overwritten; [n_times], host; NULL: not wanted */
  const odeon_tensor* y_found; /* of odeon_solve_gradient_run */
  int64_t* failed_at;          /* written where a backward solve failed: at which time it began; NULL: not wanted */
  odeon_problem_info* backward; /* its rtol, atol and vectors become those of the adjoint's solves; NULL: not wanted */
} odeon_row_reverse_args;

/* Growable. All functions set an error text through the host when they fail. */
typedef struct odeon_engine_api {
  uint32_t struct_size;
  uint32_t reserved;
  odeon_status (*info)(odeon_problem* problem, odeon_problem_info* out);
  odeon_status (*solve)(odeon_problem* problem, const odeon_solve_args* args);
  /* w[i], i < n_k: weights of the dense output at x; derivative 1: dw/dx. Host numbers. */
  odeon_status (*dense_weights)(odeon_problem* problem, double x, int32_t derivative, int32_t n_k, double* w);
  odeon_status (*field_eval)(odeon_problem* problem, odeon_scalar t, const odeon_tensor* y,
                             const odeon_tensor* dy);
  odeon_status (*field_vjp)(odeon_problem* problem, const odeon_vjp_args* args); /* theta: may be NULL */
  odeon_status (*derive)(odeon_problem* problem, const odeon_derive_args* args, odeon_problem** out);
  void (*problem_destroy)(odeon_problem* derived);
  /* Backend memory that counts as tape: its peak is what the reports print. */
  odeon_status (*tape_alloc)(odeon_problem* problem, int64_t bytes, void** out);
  void (*tape_release)(odeon_problem* problem, void* memory, int64_t bytes);
  odeon_status (*field_jvp)(odeon_problem* problem, const odeon_jvp_args* args);
  odeon_status (*replay)(odeon_problem* problem, const odeon_replay_args* args);
  odeon_status (*stage_cotangents)(odeon_problem* problem, const odeon_stage_cotangents_args* args);
  /* out = y(t), shape of info.state, for t in the span of the solve; beyond it some smooth continuation. */
  odeon_status (*dense_eval)(odeon_dense* dense, double t, const odeon_tensor* out);
  /* The ends of its steps, [n], borrowed, in the direction of the solve. */
  odeon_status (*dense_times)(odeon_dense* dense, const double** times, int64_t* n);
  void (*dense_destroy)(odeon_dense* dense);
  /* For solvers that take steps by code: solves, and writes down every operation on states that the results
   * come from. Numbers that the solver reads, such as norms and its coefficients, are constants. Refused where
   * a result did not come about through the problem's services and backend. ys is REQUIRED, on_step is not called. */
  odeon_status (*trace)(odeon_problem* problem, const odeon_solve_args* args, odeon_trace** out);
  /* The reverse of it: gy0 is overwritten, gtheta (NULL: not wanted) added to. */
  odeon_status (*trace_reverse)(odeon_problem* problem, odeon_trace* trace, const odeon_tensor* gys,
                                const odeon_tensor* gy0, const odeon_tensor* gtheta);
  void (*trace_destroy)(odeon_trace* trace);
  /* For solvers with odeon.solver.reversible/1, others are refused: solves, and keeps what the solver carries at the
   * end and, in host memory, where its steps lie. ys is REQUIRED, on_step is not called. */
  odeon_status (*reversible_solve)(odeon_problem* problem, const odeon_solve_args* args, odeon_reversal** out);
  /* The reverse of it: takes each step back, then once more under a trace. Numbers that the solver reads are
   * constants, as for `trace`. */
  odeon_status (*reversal_run)(odeon_problem* problem, odeon_reversal* reversal, const odeon_reversal_args* args);
  void (*reversal_destroy)(odeon_reversal* reversal);
  /* ODEON_E_UNSUPPORTED, where no backend does so (the log says why), is no failure. */
  odeon_status (*row_solve)(odeon_problem* problem, const odeon_row_solve_args* args, odeon_row_gradient** out);
  /* May be called several times. */
  odeon_status (*row_reverse)(odeon_problem* problem, odeon_row_gradient* gradient,
                              const odeon_row_reverse_args* args);
  void (*row_destroy)(odeon_row_gradient* gradient);
  /* Of one evaluation, in backend memory: the values between the operations of f that the reverse reads. 0 where that
   * is not worth its memory, or the stages are not evaluations: a field without products and convolutions or without
   * a graph, solvers that are not explicit tableaus, steps of each row. */
  odeon_status (*residual_bytes)(odeon_problem* problem, int64_t* out);
  /* The memory counts as tape from here until it is given back. */
  odeon_status (*residuals_keep)(odeon_problem* problem, odeon_residuals* residuals);
  void (*residuals_release)(odeon_problem* problem, odeon_residuals* residuals);
  /* As field_vjp at the t and y of the evaluation, which args repeats; dy is not given. */
  odeon_status (*residuals_vjp)(odeon_problem* problem, odeon_residuals* residuals, const odeon_vjp_args* args);
} odeon_engine_api;

#endif
