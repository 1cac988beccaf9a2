/* ABI basics: version, status, strings. Everything here is frozen.
 *
 * Rules that every header of this folder follows (the design, section 3):
 *  - fixed-width integers, doubles, pointers and (pointer, length) strings only;
 *  - "frozen" structs never change; "growable" structs begin with struct_size, grow at the
 *    end, and a reader accepts everything at least as large as the 1.0 size;
 *  - a NULL slot of a table means "not provided": the host falls back, where it can;
 *  - the caller owns what it passes, borrowed pointers live for the call;
 *  - on an error status, outputs are untouched and nothing needs cleaning up;
 *  - one thread at a time per instance; different instances run in parallel. */
#ifndef ODEON_ABI_H
#define ODEON_ABI_H

#include <stdint.h>

#define ODEON_ABI_MAJOR 1
#define ODEON_ABI_MINOR 0

#ifdef __cplusplus
#define ODEON_EXTERN_C_BEGIN extern "C" {
#define ODEON_EXTERN_C_END }
#else
#define ODEON_EXTERN_C_BEGIN
#define ODEON_EXTERN_C_END
#endif

#if defined(__GNUC__)
#define ODEON_EXPORT __attribute__((visibility("default")))
#else
#define ODEON_EXPORT
#endif

/* Whether the growable struct at p, whose writer may know fewer fields, has this one. */
#define ODEON_HAS(p, field) \
  ((p)->struct_size >= (uint32_t)((const char*)(&(p)->field + 1) - (const char*)(p)))

/* 0: done. > 0: a soft outcome that the caller may act on. < 0: an error; the text went
 * through host->set_error. */
typedef int32_t odeon_status;

#define ODEON_OK 0
#define ODEON_REJECTED 1      /* the step was rejected; the state is as before */
#define ODEON_RETRY_SMALLER 2 /* could not evaluate here: try a smaller step */
#define ODEON_EVENT 3         /* a terminal event ended the solve */
#define ODEON_CANCELLED 4     /* host->poll_cancel said so */

#define ODEON_E_INVALID (-1)     /* an argument or option breaks a rule */
#define ODEON_E_UNSUPPORTED (-2) /* a capability is missing; the text names it */
#define ODEON_E_NO_MEMORY (-3)   /* the text gives the size that was asked for */
#define ODEON_E_NO_DEVICE (-4)   /* the text has the driver's own words */
#define ODEON_E_INTERNAL (-5)    /* a bug: an exception or a broken invariant */
#define ODEON_E_SOLVE_FAILED (-6) /* the integration gave up; the text says when and why */

/* Text, UTF-8, not NUL-terminated. data == NULL means absent. Frozen. */
typedef struct odeon_str {
  const char* data;
  int64_t size;
} odeon_str;

/* For static initialisers: ODEON_STR("dopri5"). */
#define ODEON_STR(literal) {(literal), (int64_t)(sizeof(literal) - 1)}
#define ODEON_NO_STR {0, 0}

#endif
