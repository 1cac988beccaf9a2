/* odeon.field.split/1: a field that knows which part of it is stiff, asked for through odeon_field_api.get_ext.
 *   f(t, y, θ) = f_implicit(t, y, θ) + f_explicit(t, y, θ)
 * An additive method (odeon_tableau.a_explicit) solves for the first and only evaluates the second; for everything
 * else, gradients included, the field is the sum that `lower` or `eval` gives. */
#ifndef ODEON_EXT_SPLIT_H
#define ODEON_EXT_SPLIT_H

#include <odeon/field.h>

#define ODEON_EXT_FIELD_SPLIT "odeon.field.split/1"

/* Borrowed from the field, constant over its life. Growable. */
typedef struct odeon_field_split_api {
  uint32_t struct_size;
  uint32_t reserved;
  /* REQUIRED: both halves as graphs of the form of odeon_field_api.lower, borrowed from the field. */
  odeon_status (*lower)(odeon_field* field, odeon_graph* implicit_half, odeon_graph* explicit_half);
} odeon_field_split_api;

#endif
