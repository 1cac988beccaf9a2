/* odeon.backend.solve_gradient/1: a backend that runs solves to their end by itself (ext/solve.h) and differentiates
 * them, too. Without it, or where it returns ODEON_E_UNSUPPORTED, the strategy drives the
 * gradient through the host; both give the same derivatives up to round-off. */
#ifndef ODEON_EXT_SOLVE_GRADIENT_H
#define ODEON_EXT_SOLVE_GRADIENT_H

#include <odeon/ext/solve.h>

#define ODEON_EXT_BACKEND_SOLVE_GRADIENT "odeon.backend.solve_gradient/1"

typedef struct odeon_solve_gradient_plan odeon_solve_gradient_plan;

/* The derivative of the discrete program: reverse mode through every accepted step and its dense output. Step sizes
 * are constants, except where a grid makes them functions of the times; with adaptive steps the begin of each step
 * moves with the first time. */
#define ODEON_SOLVE_GRADIENT_DIRECT 0
/* The continuous adjoint: from each time to the one before, the last one first, a solve of its own of
 *   dy/dt = f(t, y),  da/dt = -a^T df/dy,  dL/dtheta += -int a^T df/dtheta dt
 * that begins at the stored y and at a, to which dL/dy of that time has been added. Its error norm is the larger one
 * of those of y and of a. Where the rows step together backwards (`backward->joint`, as many as `solve` has, which may
 * have fixed steps) there is one such solve for all of them, dL/dtheta is a sum over its accepted steps by the
 * tableau's b, and by the dense output's weights over the step that goes beyond the time. dL/dt of a time is
 * dL/dy . f there, of the first one -a . f. */
#define ODEON_SOLVE_GRADIENT_ADJOINT 1

/* What is compiled; borrowed for the call. Growable. */
typedef struct odeon_solve_gradient_spec {
  uint32_t struct_size;
  int32_t method;               /* ODEON_SOLVE_GRADIENT_* */
  const odeon_solve_spec* solve;
  /* Derivative products of the field: input 0 is y, input 1 a cotangent v of dy/dt; the outputs are f, v^T df/dy,
   * v^T df/dt of each row, and then, summed over the rows, v^T df/dtheta in n_slices slices of theta. Valid. */
  const odeon_graph* vjp;
  const int64_t* slice_offsets; /* [n_slices]: where in theta each begins; they may overlap */
  int64_t n_slices;
  int64_t theta_count;          /* elements of theta */
  /* ADJOINT: how it is solved, `joint` too; `graph` is not read. The state has the norm of each of its two parts. NULL for DIRECT. */
  const odeon_solve_spec* backward;
} odeon_solve_gradient_spec;

/* The reverse of a solve. Tensors are dense, in backend memory, of the plan's dtype. Growable. */
typedef struct odeon_solve_gradient_run {
  uint32_t struct_size;
  uint32_t reserved;
  const odeon_step_settings* settings; /* of the solve; NULL for fixed steps */
  const odeon_solve_run* solve;        /* as `forward` had it, with its results, all of them ODEON_ROW_DONE; ys is
                                          REQUIRED by ADJOINT */
  const odeon_tensor* gys;    /* dL/dys, [n_times, batch, state...] */
  const odeon_tensor* gy0;    /* overwritten; [batch, state...] */
  const odeon_tensor* gtheta; /* added to; flat; NULL: not wanted */
  double* gtimes;             /* overwritten; [n_times], host; NULL: not wanted */
  /* DIRECT: the steps of some rows at a time are kept, with the states of every m-th, and m states in between once they
   * are computed again (none for m = 1). Most bytes of all that; 0: the backend's own bound. One row's least need may
   * exceed it. */
  int64_t tape_limit;
  /* DIRECT: most states of a row at once, ceil(steps / m) and m of those in between; 0: no bound. ODEON_E_NO_MEMORY
   * where no m is enough. */
  int64_t most_states;
  int64_t tape_bytes;         /* written: how many were */
  int64_t evaluations;        /* written: of f, most of a row */
  int64_t products;           /* written: derivative products, most of a row */
  /* Of ADJOINT. */
  const odeon_step_settings* backward; /* NULL for fixed steps */
  const double* grid;         /* [n_grid], host: the grids of the solves one behind the other, the last time's first */
  const int64_t* grid_begin;  /* [n_times], host: where the grid of each begins, and n_grid */
  const odeon_tensor* y_found; /* [n_times, batch, state...]: y as it arrives at each time but the last; NULL: not
                                  wanted */
  odeon_row_result* results;  /* [batch], host: how each row ended, of the solve at which it did; [1] of joint solves */
  int64_t* failed_at;         /* likewise: the index of the time at which the failed solve began */
  double* state_norms;        /* [2, batch], host, [2] of joint solves: of a solve that failed, the Euclidean norms of
                                 (y, a) where it began and where it stands; of a joint one with ODEON_ROW_NOT_FINITE
                                 the second is the derivative's. NULL: not wanted */
} odeon_solve_gradient_run;

/* Growable. A plan belongs to one backend and is run by one thread at a time. */
typedef struct odeon_backend_solve_gradient_api {
  uint32_t struct_size;
  uint32_t reserved;
  odeon_status (*compile)(odeon_backend* backend, const odeon_solve_gradient_spec* spec,
                          odeon_solve_gradient_plan** out);
  void (*destroy)(odeon_solve_gradient_plan* plan);
  /* As odeon_backend_solve_api::run. */
  odeon_status (*forward)(odeon_solve_gradient_plan* plan, odeon_queue* queue, const odeon_step_settings* settings,
                          const odeon_solve_run* run);
  /* Complete when it returns. May be called several times for one solve. With a row that failed (ADJOINT) the
   * results say so, and gy0 and gtheta are of no use. */
  odeon_status (*backward)(odeon_solve_gradient_plan* plan, odeon_queue* queue, odeon_solve_gradient_run* run);
} odeon_backend_solve_gradient_api;

#endif
