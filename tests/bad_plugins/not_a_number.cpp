// dy/dt = 1 until t = 1/2, then not a number.
#include <cmath>

#include "specimen_field.hpp"

namespace {
odeon_status eval(odeon_field*, odeon_queue*, odeon_scalar t, const odeon_tensor*, const odeon_tensor*,
                  const odeon_tensor* dy) {
  *static_cast<double*>(dy->data) = t.value > 0.5 ? NAN : 1.0;
  return ODEON_OK;
}
}  // namespace

SPECIMEN_FIELD([](odeon_field_api& f) { f.eval = eval; })
