/* Options: the schema that a component publishes, and the checked values that it receives.
 * YAML never crosses the boundary. The host rejects unknown keys (with the nearest match), wrong
 * types and values out of range, naming file:line:column, before `create` is called. */
#ifndef ODEON_OPTIONS_H
#define ODEON_OPTIONS_H

#include <odeon/tensor.h>

/* Value types. */
#define ODEON_VALUE_NULL 0
#define ODEON_VALUE_BOOL 1
#define ODEON_VALUE_INT 2
#define ODEON_VALUE_REAL 3
#define ODEON_VALUE_STRING 4
#define ODEON_VALUE_LIST 5
#define ODEON_VALUE_MAP 6
#define ODEON_VALUE_ARRAY 7     /* handle: const odeon_tensor*, f64, host memory */
#define ODEON_VALUE_COMPONENT 8 /* handle: const odeon_component_handle* (host.h) */

/* A checked value; trees are immutable and live until `create` returns. Frozen. */
typedef struct odeon_value {
  int32_t type;
  int32_t mark;     /* where it stands in the configuration, for host->set_error_at; 0: nowhere */
  int64_t integer;  /* BOOL (0 or 1), INT */
  double real;      /* REAL; INT too */
  odeon_str string; /* STRING */
  int64_t size;     /* LIST, MAP: number of children */
  const struct odeon_value* children; /* LIST: the items; MAP: the values */
  const odeon_str* keys;              /* MAP: the keys, in the order of the file */
  const void* handle;                 /* ARRAY, COMPONENT */
} odeon_value;

/* Option types. The host converts: an INT is accepted where a REAL is asked for. */
#define ODEON_OPTION_BOOL 1
#define ODEON_OPTION_INT 2
#define ODEON_OPTION_REAL 3
#define ODEON_OPTION_STRING 4
#define ODEON_OPTION_CHOICE 5      /* one of `choices` */
#define ODEON_OPTION_REALS 6       /* a number, or a list of numbers: always arrives as LIST of REAL */
#define ODEON_OPTION_STRINGS 7     /* list of strings */
#define ODEON_OPTION_REAL_MAP 8    /* name: number */
#define ODEON_OPTION_STRING_MAP 9  /* name: text (numbers are passed as their text) */
#define ODEON_OPTION_ARRAY 10      /* nested lists of numbers or {file: x.npy}: arrives as ARRAY */
#define ODEON_OPTION_COMPONENT 11  /* {plugin: id, ...} of the kind named in `choices[0]` */
#define ODEON_OPTION_VARIANTS 12   /* list of entries, each `name`, `name: value` or `name: {…}`,
                                      where name is the key of one of `children`; arrives as LIST of
                                      one-entry MAPs whose value was checked against that child
                                      (NULL for a bare name) */
#define ODEON_OPTION_GROUP 13      /* a map checked against `children`; arrives as MAP, in their order */
#define ODEON_OPTION_TREE 14       /* anything: the component checks it and reports by mark */

#define ODEON_OPTION_REQUIRED 1u      /* must be given */
#define ODEON_OPTION_MIN_EXCLUSIVE 2u /* value > minimum, not >= */
#define ODEON_OPTION_MAX_EXCLUSIVE 4u
#define ODEON_OPTION_SHORTHAND 8u     /* a child of a GROUP that a scalar, or a list for VARIANTS, stands for:
                                         `linear: 50` means `linear: {features: 50}` */

/* One option. Growable; static data, handed over as an array of pointers. */
typedef struct odeon_option {
  uint32_t struct_size;
  int32_t type;
  odeon_str key;
  odeon_str default_yaml; /* YAML text of the default, e.g. "1e-7"; absent: NULL is passed */
  odeon_str unit;         /* "s", "steps", or absent */
  odeon_str doc;          /* one sentence; with the reference where there is one */
  uint32_t flags;
  uint32_t reserved;
  double minimum;         /* numbers, and each number of REALS; use ODEON_UNBOUNDED_* */
  double maximum;
  const odeon_str* choices;
  int64_t n_choices;
  const struct odeon_option* const* children;
  int64_t n_children;
} odeon_option;

#define ODEON_UNBOUNDED_BELOW (-1.7976931348623157e308)
#define ODEON_UNBOUNDED_ABOVE (1.7976931348623157e308)

#endif
