/* A gradient strategy: dL/dy0, dL/dθ and dL/dt of every observation time, from dL/dys. It works
 * through the host's engine (ext/engine.h) and never links a solver. */
#ifndef ODEON_GRADIENT_H
#define ODEON_GRADIENT_H

#include <odeon/ext/engine.h>

typedef struct odeon_gradient odeon_gradient; /* a strategy with its options */
typedef struct odeon_tape odeon_tape;         /* what forward keeps for backward */

/* Properties, for `odeon describe` and for refusals that name the missing capability. */
#define ODEON_GRADIENT_DISCRETE_EXACT 1u  /* the exact derivative of the discrete program */
#define ODEON_GRADIENT_CONTINUOUS 2u      /* discretises the adjoint equation */
#define ODEON_GRADIENT_MEMORY_CONSTANT 4u /* tape does not grow with the number of steps */
#define ODEON_GRADIENT_MEMORY_LINEAR 8u
#define ODEON_GRADIENT_NEEDS_TABLEAU 16u    /* of the solver */
#define ODEON_GRADIENT_NEEDS_VJP 32u        /* of the field */
#define ODEON_GRADIENT_NEEDS_REVERSIBLE 64u /* of the solver: odeon.solver.reversible/1 */
/* Asks odeon_engine_api.row_solve first, and so may be given a problem whose rows have steps of their own
 * (odeon_problem_info.rows_apart): `forward` then returns ODEON_E_UNSUPPORTED where row_solve does, and is called for
 * each row instead. */
#define ODEON_GRADIENT_ROWS 128u
#define ODEON_GRADIENT_NEEDS_EXPLICIT 256u /* of the solver: an explicit tableau, whose steps follow from a state alone */

/* Growable. */
typedef struct odeon_gradient_forward_args {
  uint32_t struct_size;
  uint32_t reserved;
  const odeon_tensor* y0; /* [batch, state…], backend memory; unchanged until backward is done */
  const double* times;    /* [n_times], host; likewise */
  int64_t n_times;
  const odeon_tensor* ys; /* [n_times, batch, state…]: filled by forward; likewise */
} odeon_gradient_forward_args;

/* Growable. */
typedef struct odeon_gradient_backward_args {
  uint32_t struct_size;
  uint32_t reserved;
  const odeon_tensor* gys;    /* dL/dys, shape of ys */
  const odeon_tensor* gy0;    /* overwritten; shape of y0 */
  const odeon_tensor* gtheta; /* added to; flat; NULL: not wanted */
  double* gtimes;             /* overwritten; [n_times], host; NULL: not wanted */
} odeon_gradient_backward_args;

/* Growable. All REQUIRED. */
typedef struct odeon_gradient_api {
  uint32_t struct_size;
  uint32_t capabilities; /* ODEON_GRADIENT_* */
  odeon_status (*create)(const odeon_host* host, const odeon_value* options, odeon_gradient** out);
  void (*destroy)(odeon_gradient* gradient);
  /* Solves, fills ys and keeps what backward needs. */
  odeon_status (*forward)(odeon_gradient* gradient, odeon_problem* problem,
                          const odeon_gradient_forward_args* args, odeon_tape** out);
  /* May be called several times with one tape. */
  odeon_status (*backward)(odeon_gradient* gradient, odeon_problem* problem, odeon_tape* tape,
                           const odeon_gradient_backward_args* args);
  void (*tape_destroy)(odeon_gradient* gradient, odeon_problem* problem, odeon_tape* tape);
} odeon_gradient_api;

#endif
