/* What a plugin exports: one constant, `odeon_plugin_v1`, of static data only, so that listing
 * plugins runs none of their code. */
#ifndef ODEON_PLUGIN_H
#define ODEON_PLUGIN_H

#include <odeon/host.h>

#define ODEON_PLUGIN_MAGIC 0x6e6f65646fULL /* "odeon", little endian */
#define ODEON_PLUGIN_SYMBOL "odeon_plugin_v1"

/* Kinds of component, as they stand in the configuration and in `odeon describe KIND/ID`. */
#define ODEON_KIND_BACKEND 1
#define ODEON_KIND_FIELD 2
#define ODEON_KIND_SOLVER 3
#define ODEON_KIND_GRADIENT 4
#define ODEON_KIND_COMMUNICATOR 5

/* One implementation inside a plugin. Growable. */
typedef struct odeon_component {
  uint32_t struct_size;
  int32_t kind;
  odeon_str id;        /* [a-z][a-z0-9_]*; unique within its kind over all loaded plugins */
  odeon_str version;   /* semantic version of this component */
  odeon_str title;     /* a few words, for the table of `odeon plugins` */
  odeon_str summary;   /* a paragraph with the reference, for `odeon describe` */
  odeon_str licence;   /* SPDX id */
  const odeon_option* const* options;
  int64_t n_options;
  const void* vtable;  /* the table of its kind: odeon_backend_api, …, odeon_communicator_api */
} odeon_component;

/* The exported constant. Growable. */
typedef struct odeon_plugin {
  uint32_t struct_size;
  int32_t abi_major;  /* must equal ODEON_ABI_MAJOR of the host */
  uint64_t magic;     /* ODEON_PLUGIN_MAGIC */
  int32_t abi_minor;  /* of the headers that it was built with */
  int32_t need_host_minor; /* the smallest host minor that it works with */
  odeon_str id;
  odeon_str version;
  const odeon_component* const* components;
  int64_t n_components;

  /* Once per process, before anything else of the plugin is called; may be NULL. */
  odeon_status (*init)(const odeon_host* host);
  /* At the orderly end of the process; may be NULL. The library stays mapped. */
  void (*shutdown)(void);
  /* Optional interfaces of the plugin by id with revision; may be NULL. */
  const void* (*get_ext)(odeon_str id);
} odeon_plugin;

#endif
