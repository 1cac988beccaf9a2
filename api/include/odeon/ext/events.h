/* odeon.field.events/1: a field that brings its own events, asked for through odeon_field_api.get_ext. An event
 * happens where its function of (t, y) reaches or crosses zero; the host finds the time on the dense output,
 * records it, and ends the solve or restarts it from the state that the event leaves. */
#ifndef ODEON_EXT_EVENTS_H
#define ODEON_EXT_EVENTS_H

#include <odeon/field.h>

#define ODEON_EXT_FIELD_EVENTS "odeon.field.events/1"

/* Which crossings count: from below or from above in the direction in which the solve runs, be it backwards. */
#define ODEON_EVENT_ANY 0
#define ODEON_EVENT_RISING 1
#define ODEON_EVENT_FALLING (-1)

/* Growable. */
typedef struct odeon_event {
  uint32_t struct_size;
  int32_t direction; /* ODEON_EVENT_* */
  odeon_str name;    /* letters, digits and _; unique */
  int32_t terminal;  /* 1: ends the solve of the row */
  int32_t resets;    /* 1: `reset` is called, and the solve begins anew behind it */
  double tolerance;  /* of its time; 0: as close as time can resolve */
  int64_t max_count; /* more of them in one row end the solve as a failure; 0: the host's default */
} odeon_event;

/* The state of one row at one time. Growable. */
typedef struct odeon_event_point {
  uint32_t struct_size;
  uint32_t reserved;
  double t;
  const odeon_tensor* y;     /* [state…], host memory, f64 whatever the precision of the solve */
  const odeon_tensor* theta; /* flat, likewise; NULL when the field has no parameters */
} odeon_event_point;

/* Borrowed from the field, constant over its life. Growable. */
typedef struct odeon_field_events_api {
  uint32_t struct_size;
  uint32_t reserved;
  const odeon_event* const* events;
  int64_t n_events;
  /* REQUIRED: the functions of all events, continuous along a solution. values: [n_events]. */
  odeon_status (*evaluate)(odeon_field* field, const odeon_event_point* point, double* values);
  /* REQUIRED where an event resets: point->y becomes the state behind event `index`. */
  odeon_status (*reset)(odeon_field* field, int64_t index, const odeon_event_point* point);
} odeon_field_events_api;

#endif
