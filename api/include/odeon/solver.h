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
} odeon_tableau;

typedef struct odeon_solver odeon_solver;
typedef struct odeon_solver_problem odeon_solver_problem; /* the host's; for solvers that take steps */

/* How a solver that takes steps sees its problem. Growable. */
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
} odeon_solver_problem_api;

/* Result of one step. Growable. */
typedef struct odeon_step_result {
  uint32_t struct_size;
  uint32_t reserved;
  double t1;     /* where the accepted step ended */
  double next_h; /* proposal for the next one; 0: no opinion */
} odeon_step_result;

/* A tableau alone is a whole solver: then every other slot may be NULL. Otherwise create, start,
 * step and destroy are REQUIRED. Growable. */
typedef struct odeon_solver_api {
  uint32_t struct_size;
  uint32_t reserved;
  const odeon_tableau* tableau;

  odeon_status (*create)(const odeon_host* host, const odeon_value* options, odeon_solver** out);
  void (*destroy)(odeon_solver* solver);
  /* Begin at (t0, y0) towards t_end (sign of t_end - t0: the direction). The last call that may allocate. */
  odeon_status (*start)(odeon_solver* solver, const odeon_solver_problem_api* problem, double t0, double t_end,
                        const odeon_tensor* y0);
  /* One step of at most |h| from where it stands; y1 receives the state at result->t1.
   * ODEON_REJECTED with result->next_h: nothing moved. */
  odeon_status (*step)(odeon_solver* solver, double h, const odeon_tensor* y1, odeon_step_result* result);
  /* OPTIONAL: the state at t inside the last accepted step; without it the host uses cubic Hermite. */
  odeon_status (*interpolate)(odeon_solver* solver, double t, const odeon_tensor* out);
  /* OPTIONAL: history out of and into a byte buffer (bytes NULL: ask for the size). */
  odeon_status (*save)(odeon_solver* solver, void* bytes, int64_t* size);
  odeon_status (*load)(odeon_solver* solver, const void* bytes, int64_t size);
  const void* (*get_ext)(odeon_solver* solver, odeon_str id);
} odeon_solver_api;

#endif
