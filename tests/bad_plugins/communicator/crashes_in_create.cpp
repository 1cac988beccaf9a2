// Reads through a pointer that leads nowhere.
#include "alone.hpp"

namespace {
odeon_status create_nowhere(const odeon_host*, const odeon_value*, odeon_communicator** out) {
  odeon_communicator* const* volatile nowhere = nullptr;
  *out = *nowhere;
  return ODEON_OK;
}
}  // namespace

SPECIMEN_COMMUNICATOR([](odeon_communicator_api& api) { api.create = create_nowhere; })
