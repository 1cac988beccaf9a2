// A correct field with one state, dy/dt = 0 computed on the host, from which each specimen departs.
#pragma once
#include <odeon/field.h>

#include "specimen.hpp"

namespace specimen {

inline odeon_status create(const odeon_host*, const odeon_value*, const odeon_field_context*,
                           odeon_field** out) {
  static char instance;
  *out = reinterpret_cast<odeon_field*>(&instance);
  return ODEON_OK;
}
inline void destroy(odeon_field*) {}
inline odeon_status info(odeon_field*, odeon_field_info* out) {
  out->state_rank = 1;
  out->state_shape[0] = 1;
  return ODEON_OK;
}
inline odeon_status eval(odeon_field*, odeon_queue*, odeon_scalar, const odeon_tensor*, const odeon_tensor*,
                         const odeon_tensor* dy) {
  *static_cast<double*>(dy->data) = 0;
  return ODEON_OK;
}

constexpr odeon_field_api field() {
  odeon_field_api api{};
  api.struct_size = sizeof api;
  api.create = create;
  api.destroy = destroy;
  api.info = info;
  api.eval = eval;
  return api;
}

}  // namespace specimen

// change: [](odeon_field_api& f) { … }.
#define SPECIMEN_FIELD(change)                                                     \
  constexpr odeon_field_api kField = specimen::changed(specimen::field(), change); \
  SPECIMEN_COMPONENT(ODEON_KIND_FIELD, &kField, [](odeon_component&) {})
