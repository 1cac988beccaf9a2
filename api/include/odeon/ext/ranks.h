/* odeon.host.ranks/1: where this process stands among those that train together, for components that choose by it,
 * such as a backend its device. Asked for through odeon_host.get_ext; without it there is one process. */
#ifndef ODEON_EXT_RANKS_H
#define ODEON_EXT_RANKS_H

#include <odeon/communicator.h>

#define ODEON_EXT_HOST_RANKS "odeon.host.ranks/1"

/* Growable. */
typedef struct odeon_ranks_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* REQUIRED: as the communicator says it, that of one process where there is none. Any thread. */
  void (*info)(odeon_communicator_info* out);
} odeon_ranks_api;

#endif
