/* A vector field dy/dt = f(t, y, θ). A field that lowers itself to a graph needs nothing else: the
 * host compiles it for the backend and derives vjp and jvp. One that cannot computes `eval`, and
 * `vjp` if it is to be differentiated, on host memory or through the backend it is bound to. */
#ifndef ODEON_FIELD_H
#define ODEON_FIELD_H

#include <odeon/backend.h>
#include <odeon/ext/graph.h>

typedef struct odeon_field odeon_field;

/* How a parameter starts, before weights are loaded; the host draws from the run's seed. */
#define ODEON_INIT_CONSTANT 0 /* a */
#define ODEON_INIT_UNIFORM 1  /* uniform in [a, b) */
#define ODEON_INIT_NORMAL 2   /* mean a, standard deviation b */
#define ODEON_INIT_VALUES 3   /* `values`, one per element */

/* A named part of the flat θ; slots lie behind each other in their order. Growable. */
typedef struct odeon_parameter_slot {
  uint32_t struct_size;
  int32_t rank;
  odeon_str name;     /* "3.weight", as in a state_dict */
  int64_t shape[ODEON_MAX_RANK];
  int32_t init;
  int32_t reserved;
  double a, b;
  const double* values;
} odeon_parameter_slot;

/* What the experiment knows before the field exists. Growable. */
typedef struct odeon_field_context {
  uint32_t struct_size;
  int32_t state_rank; /* of one row's state, from `initial` or the layer before; -1: unknown */
  int64_t state_shape[ODEON_MAX_RANK];
} odeon_field_context;

/* Borrowed from the field, constant over its life. Growable. */
typedef struct odeon_field_info {
  uint32_t struct_size;
  int32_t state_rank;
  int64_t state_shape[ODEON_MAX_RANK]; /* without the batch */
  const odeon_parameter_slot* const* slots;
  int64_t n_slots;
  const odeon_str* state_names; /* names of the elements of a rank-1 state, or NULL */
} odeon_field_info;

/* Outputs of `vjp`; each has a mode ODEON_WRITE_*. With v the cotangent of dy (shape of y):
 *   dy = f(t, y, θ),  gy = vᵀ ∂f/∂y,  gtheta = Σ_rows vᵀ ∂f/∂θ,  gt[row] = vᵀ ∂f/∂t.
 * Growable. */
typedef struct odeon_vjp_args {
  uint32_t struct_size;
  int32_t dy_mode, gy_mode, gtheta_mode, gt_mode;
  odeon_scalar t;
  const odeon_tensor* y;      /* [batch, state…] */
  const odeon_tensor* theta;  /* flat, or NULL */
  const odeon_tensor* v;      /* shape of y */
  const odeon_tensor* dy;     /* shape of y */
  const odeon_tensor* gy;     /* shape of y */
  const odeon_tensor* gtheta; /* shape of theta */
  const odeon_tensor* gt;     /* [batch] */
} odeon_vjp_args;

/* Growable. */
typedef struct odeon_field_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* REQUIRED. */
  odeon_status (*create)(const odeon_host* host, const odeon_value* options,
                         const odeon_field_context* context, odeon_field** out);
  void (*destroy)(odeon_field* field);
  odeon_status (*info)(odeon_field* field, odeon_field_info* out);

  /* One of `lower` and `eval` is REQUIRED. The graph is borrowed from the field. */
  odeon_status (*lower)(odeon_field* field, odeon_graph* out);

  /* OPTIONAL: called once before `eval` or `vjp`, for fields that compute by themselves. A field
   * whose `bind` is NULL computes on host memory: the host stages data where the backend's
   * memory is elsewhere. Tensors have the run's dtype, float32 or float64 (y->dtype). */
  odeon_status (*bind)(odeon_field* field, const odeon_backend_api* api, odeon_backend* backend, int32_t dtype,
                       int64_t batch);
  odeon_status (*eval)(odeon_field* field, odeon_queue* queue, odeon_scalar t, const odeon_tensor* y,
                       const odeon_tensor* theta, const odeon_tensor* dy);
  /* OPTIONAL: without it (and without `lower`) the field cannot be differentiated. */
  odeon_status (*vjp)(odeon_field* field, odeon_queue* queue, const odeon_vjp_args* args);
  /* OPTIONAL: extension tables (ext/events.h) by id; NULL when absent. */
  const void* (*get_ext)(odeon_field* field, odeon_str id);
} odeon_field_api;

#endif
