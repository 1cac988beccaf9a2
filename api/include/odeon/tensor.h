/* Tensors and scalars: how data is named across the boundary. Both are frozen. */
#ifndef ODEON_TENSOR_H
#define ODEON_TENSOR_H

#include <odeon/abi.h>

#define ODEON_MAX_RANK 8

/* Element types; the codes are part of the file-independent ABI and never reused. */
#define ODEON_F32 0
#define ODEON_F64 1
#define ODEON_I32 2
#define ODEON_I64 3
#define ODEON_U8 4

/* A dense tensor in C order. data is an address in the memory of the backend that the
 * surrounding call names (host memory where no backend is involved); it may be NULL only when
 * the tensor has no elements. A view: it owns nothing. */
typedef struct odeon_tensor {
  void* data;
  int32_t dtype;
  int32_t rank; /* 0 .. ODEON_MAX_RANK; rank 0 is one element */
  int64_t shape[ODEON_MAX_RANK];
} odeon_tensor;

/* A number that is known on the host, or that lives on the device (one for the whole batch, or
 * one per batch row), so that t, h and coefficients need no host synchronisation. */
typedef struct odeon_scalar {
  double value;        /* used when device is NULL */
  const double* device; /* address in backend memory of one f64, or of one f64 per row */
  int64_t stride;      /* 0: the same value for every row; 1: one value per row */
} odeon_scalar;

#endif
