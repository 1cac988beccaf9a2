// An exception, and not a std::exception, leaves eval.
#include "specimen_field.hpp"

namespace {
odeon_status eval(odeon_field*, odeon_queue*, odeon_scalar, const odeon_tensor*, const odeon_tensor*,
                  const odeon_tensor*) {
  throw 7;
}
}  // namespace

SPECIMEN_FIELD([](odeon_field_api& f) { f.eval = eval; })
