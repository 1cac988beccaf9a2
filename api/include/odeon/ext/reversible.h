/* odeon.solver.reversible/1: a solver by code whose steps can be taken back by algebra, asked for through
 * odeon_solver_api.get_ext. A gradient then needs no more of a solve than where it ended and how long its
 * steps were. */
#ifndef ODEON_EXT_REVERSIBLE_H
#define ODEON_EXT_REVERSIBLE_H

#include <odeon/solver.h>

#define ODEON_EXT_SOLVER_REVERSIBLE "odeon.solver.reversible/1"

/* Of a solver that was started, between steps. Borrowed from the solver, constant over its life. Growable. */
typedef struct odeon_solver_reversible_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* REQUIRED: what it carries from step to step beside the time, as n vectors of the state's shape, the state
   * first. From them and the time alone all further steps follow. vectors NULL: only n, which never changes.
   * Borrowed until the solver is called again. */
  odeon_status (*carried)(odeon_solver* solver, odeon_tensor* vectors, int32_t* n);
  /* REQUIRED: from now on it stands at t with copies of these vectors [n]. */
  odeon_status (*resume)(odeon_solver* solver, double t, const odeon_tensor* vectors);
  /* OPTIONAL: takes back the step of size h from t0 that led to where it stands; it then stands where that
   * step began, to round-off. NULL: an accepted step of size -h does so. */
  odeon_status (*step_back)(odeon_solver* solver, double t0, double h);
} odeon_solver_reversible_api;

#endif
