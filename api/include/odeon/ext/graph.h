/* odeon.backend.graph/1: a backend that compiles op graphs. Without it the host interprets the
 * graph itself, copying to and from the device. */
#ifndef ODEON_EXT_GRAPH_H
#define ODEON_EXT_GRAPH_H

#include <odeon/backend.h>
#include <odeon/graph.h>

#define ODEON_EXT_BACKEND_GRAPH "odeon.backend.graph/1"

typedef struct odeon_plan odeon_plan; /* a graph compiled for one dtype and batch size, with its workspace */

#define ODEON_WRITE_SKIP 0       /* the output is not written; its tensor may be empty */
#define ODEON_WRITE_OVERWRITE 1
#define ODEON_WRITE_ACCUMULATE 2 /* added to what is there */

/* What one run reads and writes; every tensor is dense, in backend memory, of the plan's dtype.
 * Outputs never overlap inputs, θ or each other. Growable. */
typedef struct odeon_plan_args {
  uint32_t struct_size;
  uint32_t reserved;
  odeon_scalar t;              /* for TIME; in effect one value per row */
  const odeon_tensor* theta;   /* flat; NULL for a graph without PARAMETER */
  const odeon_tensor* inputs;  /* by INPUT index */
  int64_t n_inputs;
  const odeon_tensor* outputs; /* by output index */
  const int32_t* modes;        /* ODEON_WRITE_*, one per output */
  int64_t n_outputs;
} odeon_plan_args;

/* Growable. A plan belongs to one backend and is run by one thread at a time. */
typedef struct odeon_backend_graph_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* The graph was validated by the host and may go away after the call. ODEON_E_UNSUPPORTED with
   * the op's name when an op is not known: the host then interprets the graph. */
  odeon_status (*compile)(odeon_backend* backend, const odeon_graph* graph, int32_t dtype, int64_t batch,
                          odeon_plan** out);
  void (*destroy)(odeon_plan* plan);
  /* No allocation and no host synchronisation after the first call. */
  odeon_status (*run)(odeon_plan* plan, odeon_queue* queue, const odeon_plan_args* args);
  int64_t (*workspace_bytes)(const odeon_plan* plan);
} odeon_backend_graph_api;

#endif
