/* An integration method: a Butcher tableau, which the host's engine runs, or code that takes steps. */
#ifndef ODEON_SOLVER_H
#define ODEON_SOLVER_H

#include <odeon/backend.h>

/* A Runge-Kutta method. Whether it is explicit, has an embedded error estimate or is FSAL is
 * derived from the numbers, never stated. Growable; static data. */
typedef struct odeon_tableau {
  uint32_t struct_size;
  int32_t stages;         /* s */
  int32_t order;
  int32_t embedded_order; /* 0 when b_hat is NULL */
  const double* a;        /* [s, s], row i: weights of stage i */
  const double* b;        /* [s] */
  const double* b_hat;    /* [s], the embedded row, or NULL */
  const double* c;        /* [s] */
  /* Dense output on the step: y(t0 + x h) = y0 + h Σ_i k_i Σ_d dense[i, d-1] x^d, 0 <= x <= 1.
   * NULL: cubic Hermite from the derivatives at both ends. */
  const double* dense;    /* [s, dense_degree] */
  int32_t dense_degree;
  int32_t dense_order;    /* global order of the dense output */
  /* Of an additive method, for fields that split themselves (ext/split.h): the strictly lower triangular weights
   * of the explicit half beside a lower triangular `a` for the implicit one, with the same row sums c:
   *   Y_i = y0 + h Σ_j (a_ij f_implicit(Y_j) + a_explicit_ij f_explicit(Y_j)).
   * b, b_hat and dense weigh both halves. NULL: none; for other fields it plays no part. */
  const double* a_explicit; /* [s, s] */
} odeon_tableau;

typedef struct odeon_solver odeon_solver;
typedef struct odeon_solver_problem odeon_solver_problem; /* the host's; for solvers that take steps */

/* Properties of a solver that takes steps by code; those of a tableau are derived from its numbers. */
#define ODEON_SOLVER_STIFF 1u        /* steps are not limited by the stability of decaying components */
#define ODEON_SOLVER_ESTIMATES 2u    /* sets result->error: the host accepts, rejects and controls the step */
#define ODEON_SOLVER_OWN_STEPS 4u    /* accepts, rejects and proposes steps itself (multistep methods) */
#define ODEON_SOLVER_SECOND_ORDER 8u /* needs a state [q, v] of two halves with dq/dt = v, dv/dt = a(t, q) */
#define ODEON_SOLVER_SYMPLECTIC 16u
#define ODEON_SOLVER_REVERSIBLE 32u  /* the step with -h undoes the step, to round-off */
/* With neither ESTIMATES nor OWN_STEPS the host gives fixed steps. */

/* How a solver that takes steps sees its problem. Borrowed from start to the next start or destroy.
 * Functions return ODEON_OK, a soft status that `step` may pass on, or an error whose text is set.
 * Growable. */
typedef struct odeon_solver_problem_api {
  uint32_t struct_size;
  int32_t dtype;
  const odeon_backend_api* backend_api;
  odeon_backend* backend;
  odeon_queue* queue;
  odeon_tensor state;  /* dtype and shape of y; no data */
  /* dy = f(t, y): counted as one evaluation. */
  odeon_status (*eval)(odeon_solver_problem* problem, odeon_scalar t, const odeon_tensor* y,
                       const odeon_tensor* dy);
  odeon_solver_problem* self;
  double first_step, min_step, max_step; /* magnitudes; first_step 0: not given; max_step may be infinite */
  double rtol, atol;                     /* used where the vectors are NULL */
  const double* rtol_vector;             /* backend memory, one per element of a row, or NULL */
  const double* atol_vector;
  /* *norm = the scaled norm of x, elementwise / (atol + rtol max(|a|, |b|)); b may be NULL. The same norm
   * that the host uses for tableaus: RMS or maximum, over the whole batch, the largest over the parts of a
   * derived system. A host number: waits for the queue. */
  odeon_status (*scaled_norm)(odeon_solver_problem* problem, const odeon_tensor* x, const odeon_tensor* a,
                              const odeon_tensor* b, double* norm);
  /* J = df/dy at (t, y), per row: by the field's graph, or by differences. Kept until the next call. */
  odeon_status (*linearize)(odeon_solver_problem* problem, double t, const odeon_tensor* y);
  /* x = (I - g J)^-1 r with the J of `linearize`; factorised once per g. x may be r.
   * ODEON_RETRY_SMALLER: singular. */
  odeon_status (*solve_shifted)(odeon_solver_problem* problem, double g, const odeon_tensor* r,
                                const odeon_tensor* x);
  /* Ju = J(t, y) u. */
  odeon_status (*jvp)(odeon_solver_problem* problem, double t, const odeon_tensor* y, const odeon_tensor* u,
                      const odeon_tensor* Ju);
  /* ft = df/dt at (t, y). */
  odeon_status (*time_derivative)(odeon_solver_problem* problem, double t, const odeon_tensor* y,
                                  const odeon_tensor* ft);
  int64_t row_elements; /* of a row of the batch; the innermost elements of the state */
} odeon_solver_problem_api;

/* Result of one step; the host clears it before the call. Growable. */
typedef struct odeon_step_result {
  uint32_t struct_size;
  uint32_t reserved;
  double t1;     /* where the step ended; the host sets it to t + h before the call */
  double next_h; /* signed proposal for the next step, also with ODEON_REJECTED; 0: no opinion */
  double error;  /* scaled norm of the error estimate, <= 1: passes; with ODEON_SOLVER_ESTIMATES. With
                    ODEON_REJECTED for messages, where it is known; not finite: the field was not */
  int32_t order; /* of this step, for methods of variable order; 0: the nominal one */
  int32_t reserved2;
} odeon_step_result;

/* A tableau alone is a whole solver: then every other slot may be NULL. Otherwise create, start,
 * step and destroy are REQUIRED. Growable. */
typedef struct odeon_solver_api {
  uint32_t struct_size;
  uint32_t capabilities; /* ODEON_SOLVER_*; 0 with a tableau */
  const odeon_tableau* tableau;

  odeon_status (*create)(const odeon_host* host, const odeon_value* options, odeon_solver** out);
  void (*destroy)(odeon_solver* solver);
  /* Begin at (t0, y0) towards t_end (sign of t_end - t0: the direction). Allocates the work space; a further
   * call with the same `problem` (after an event, at a breakpoint) forgets all history and allocates nothing. */
  odeon_status (*start)(odeon_solver* solver, const odeon_solver_problem_api* problem, double t0, double t_end,
                        const odeon_tensor* y0);
  /* Tries a step of signed size h from where it stands; y1 receives the state at result->t1, which is not
   * beyond t + h. ODEON_REJECTED (own error test) or ODEON_RETRY_SMALLER (could not evaluate or solve):
   * nothing moved, and the host tries again with result->next_h, or h / 2 where that is 0. A text set with
   * ODEON_RETRY_SMALLER is the reason that the host gives if no smaller step does either. */
  odeon_status (*step)(odeon_solver* solver, double h, const odeon_tensor* y1, odeon_step_result* result);
  /* OPTIONAL: the state at t inside the last successful step, also before `accept`; without it the host uses
   * cubic Hermite. */
  odeon_status (*interpolate)(odeon_solver* solver, double t, const odeon_tensor* out);
  /* OPTIONAL: the whole state of the solver out of and into a byte buffer (bytes NULL: ask for the size), so
   * that after `start` with the same problem and `load` it goes on with the same bits. */
  odeon_status (*save)(odeon_solver* solver, void* bytes, int64_t* size);
  odeon_status (*load)(odeon_solver* solver, const void* bytes, int64_t size);
  const void* (*get_ext)(odeon_solver* solver, odeon_str id);

  int32_t order;       /* of the method, the highest where it varies; 0 with a tableau */
  int32_t first_order; /* of the first step, for the host's estimate of its size; 0: order */
  /* REQUIRED with ODEON_SOLVER_ESTIMATES: the last successful step counts; the solver stands at its end.
   * NULL: a step that returned ODEON_OK has moved already. */
  odeon_status (*accept)(odeon_solver* solver);
  int32_t error_order; /* result->error is O(h^error_order), for step control; 0: order */
  int32_t reserved;
} odeon_solver_api;

#endif
