/* A compute backend: memory, a queue, and the arithmetic that every solver needs. Optional
 * extensions (ext/graph.h, …) are asked for by id. The reference backend is the specification. */
#ifndef ODEON_BACKEND_H
#define ODEON_BACKEND_H

#include <odeon/host.h>

typedef struct odeon_backend odeon_backend; /* an opened device with its options */
typedef struct odeon_queue odeon_queue;     /* work on one queue runs in the order of the calls */

/* Filled by `info`. Growable. */
typedef struct odeon_backend_info {
  uint32_t struct_size;
  int32_t host_memory; /* 1: buffers are plain host memory, and every call is done when it returns */
  int32_t threads;     /* worker threads; 0 where the word has no meaning */
  int32_t reserved;
  odeon_str device;    /* the device's own name; lives as long as the backend */
} odeon_backend_info;

/* Arguments of `error_norm`: the norm of E / S, elementwise, with
 *   E = scale * sum_i coefficients[i] * terms[i],   S = atol + rtol * max(|y0|, |y1|).
 * A non-finite element makes the result non-finite. Growable. */
typedef struct odeon_error_norm_args {
  uint32_t struct_size;
  int32_t norm;       /* ODEON_NORM_RMS or ODEON_NORM_MAX */
  int32_t per_row;    /* 0: one norm over all elements; 1: one per row (the first axis of y0) */
  int32_t n_terms;
  const double* coefficients;      /* [n_terms], host */
  const odeon_tensor* terms;       /* [n_terms] */
  odeon_scalar scale;
  const odeon_tensor* y0;
  const odeon_tensor* y1;          /* NULL: S = atol + rtol * |y0| */
  double rtol, atol;               /* used where the vectors are NULL */
  const double* rtol_vector;       /* backend memory, one per element of a row, or NULL */
  const double* atol_vector;
} odeon_error_norm_args;

#define ODEON_NORM_RMS 0
#define ODEON_NORM_MAX 1

#define ODEON_REDUCE_SUM 0
#define ODEON_REDUCE_MAX 1
#define ODEON_REDUCE_MIN 2

#define ODEON_COPY_TO_DEVICE 0
#define ODEON_COPY_TO_HOST 1   /* complete when the call returns */
#define ODEON_COPY_ON_DEVICE 2

/* Dtypes: ODEON_F32 and ODEON_F64 for data; norms and reductions come out as f64. Unless said
 * otherwise, an output may be exactly an input (same address, same shape) and not overlap
 * otherwise. The same inputs give the same bits, whatever the number of threads. Growable. */
typedef struct odeon_backend_api {
  uint32_t struct_size;
  uint32_t reserved;

  /* REQUIRED: instance. options is a MAP of all published options. ODEON_E_NO_DEVICE with the
   * driver's words when there is no such device. */
  odeon_status (*create)(const odeon_host* host, const odeon_value* options, odeon_backend** out);
  void (*destroy)(odeon_backend* backend);
  odeon_status (*info)(odeon_backend* backend, odeon_backend_info* out);

  /* REQUIRED: queues. */
  odeon_status (*queue_create)(odeon_backend* backend, odeon_queue** out);
  void (*queue_destroy)(odeon_queue* queue);
  odeon_status (*queue_wait)(odeon_queue* queue); /* all work so far is done */

  /* REQUIRED: memory, aligned to 64 bytes. alloc of 0 bytes gives NULL. */
  odeon_status (*alloc)(odeon_backend* backend, int64_t bytes, void** out);
  void (*release)(odeon_backend* backend, void* memory);
  odeon_status (*copy)(odeon_queue* queue, void* to, const void* from, int64_t bytes, int32_t direction);
  odeon_status (*fill)(odeon_queue* queue, const odeon_tensor* out, double value);

  /* REQUIRED: z = base + scale * sum_i coefficients[i] * terms[i]; base may be NULL (zero). A scale
   * with one value per row applies to the rows (first axis) of z. 0 <= n_terms <= 64. */
  odeon_status (*lincomb)(odeon_queue* queue, const odeon_tensor* z, const odeon_tensor* base,
                          odeon_scalar scale, int32_t n_terms, const double* coefficients,
                          const odeon_tensor* terms);
  /* REQUIRED: result is one f64 in backend memory, or one per row. */
  odeon_status (*error_norm)(odeon_queue* queue, const odeon_error_norm_args* args, double* result);
  /* REQUIRED: all elements of x into one f64 in backend memory; the sum in a fixed order. */
  odeon_status (*reduce)(odeon_queue* queue, int32_t operation, const odeon_tensor* x, double* result);
  /* REQUIRED: the sum of x_i y_i over all elements, in a fixed order, as one f64 in backend memory. */
  odeon_status (*dot)(odeon_queue* queue, const odeon_tensor* x, const odeon_tensor* y, double* result);
  /* REQUIRED: row r of z is row r of a where mask[r] != 0 (one byte per row, backend memory), else of b. */
  odeon_status (*select)(odeon_queue* queue, const odeon_tensor* z, const uint8_t* mask,
                         const odeon_tensor* a, const odeon_tensor* b);

  /* OPTIONAL: extension tables by id; NULL when absent. */
  const void* (*get_ext)(odeon_backend* backend, odeon_str id);
} odeon_backend_api;

#endif
