/* A communicator: the processes ("ranks") that carry out one training together, and what they exchange. All memory
 * is host memory. Every call but `info` and `abort` is made by all ranks, in the same order and with the same sizes.
 * A failed call leaves the ranks apart: the host then calls `abort`. */
#ifndef ODEON_COMMUNICATOR_H
#define ODEON_COMMUNICATOR_H

#include <odeon/host.h>
#include <odeon/tensor.h>

typedef struct odeon_communicator odeon_communicator; /* one set of ranks, with its options */

/* Filled by `info`. Growable. */
typedef struct odeon_communicator_info {
  uint32_t struct_size;
  int32_t rank;       /* of this process: 0 … size - 1 */
  int32_t size;       /* ranks; at least 1 */
  int32_t local_rank; /* of this process among those of its machine: 0 … size - 1 */
} odeon_communicator_info;

/* Growable. All REQUIRED. Instances do not mix what they exchange. */
typedef struct odeon_communicator_api {
  uint32_t struct_size;
  uint32_t reserved;
  odeon_status (*create)(const odeon_host* host, const odeon_value* options, odeon_communicator** out);
  void (*destroy)(odeon_communicator* communicator);
  odeon_status (*info)(odeon_communicator* communicator, odeon_communicator_info* out);

  /* values[i] of every rank becomes ((x0[i] + x1[i]) + x2[i]) + …, xr those of rank r, each sum rounded to the dtype:
   * the same bits on all ranks and in every run. dtype: ODEON_F32 or ODEON_F64, otherwise ODEON_E_UNSUPPORTED. */
  odeon_status (*sum)(odeon_communicator* communicator, void* values, int32_t dtype, int64_t count);
  /* The bytes of rank `root` to all others. ODEON_E_INVALID where there is no such rank. */
  odeon_status (*broadcast)(odeon_communicator* communicator, void* bytes, int64_t count, int32_t root);
  /* Returns when every rank has called it. */
  odeon_status (*barrier)(odeon_communicator* communicator);
  /* Ends all ranks at once, this one with the exit status, and does not return. Any thread. */
  void (*abort)(odeon_communicator* communicator, int32_t exit_status);
} odeon_communicator_api;

#endif
