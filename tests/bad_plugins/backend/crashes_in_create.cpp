// Reads through a pointer that leads nowhere.
#include "loops.hpp"

namespace {
odeon_status create_nowhere(const odeon_host*, const odeon_value*, odeon_backend** out) {
  odeon_backend* const* volatile nowhere = nullptr;
  *out = *nowhere;
  return ODEON_OK;
}
}  // namespace

SPECIMEN_BACKEND([](odeon_backend_api& api) { api.create = create_nowhere; })
