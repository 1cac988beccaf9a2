/* The table that the host hands to every component, alive as long as the process. Growable. */
#ifndef ODEON_HOST_H
#define ODEON_HOST_H

#include <odeon/options.h>

#define ODEON_LOG_DEBUG 0
#define ODEON_LOG_INFO 1
#define ODEON_LOG_WARNING 2
#define ODEON_LOG_ERROR 3

/* A component chosen in the configuration together with its checked options, passed to another
 * component as the value of an ODEON_OPTION_COMPONENT. Opaque; handed back to host extensions. */
typedef struct odeon_component_handle odeon_component_handle;

typedef struct odeon_host {
  uint32_t struct_size;
  int32_t abi_minor; /* the host's; a plugin may need at least `need_host_minor` */

  /* Any thread. level is ODEON_LOG_*. */
  void (*log)(const struct odeon_host* host, int32_t level, odeon_str text);

  /* Any thread; keeps one text per thread until the next ABI call of that thread returns. A full
   * sentence: the rule, what was found, the remedy. Called right before returning an error. */
  void (*set_error)(const struct odeon_host* host, odeon_str text);

  /* Like set_error, and names the place in the configuration: mark is odeon_value.mark. */
  void (*set_error_at)(const struct odeon_host* host, int32_t mark, odeon_str text);

  /* 1 when the user asked to stop (SIGINT, embedding program). Any thread; cheap. */
  int32_t (*poll_cancel)(const struct odeon_host* host);

  /* An optional interface of the host by id with revision, e.g. "odeon.host.engine/1"; NULL when
   * this host has none. The table lives as long as the process. */
  const void* (*get_ext)(const struct odeon_host* host, odeon_str id);

  void* self; /* the host's own */
} odeon_host;

#endif
