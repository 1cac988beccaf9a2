// In order, for a device that this machine does not have.
#include "loops.hpp"

namespace {
odeon_status create_nothing(const odeon_host* host, const odeon_value*, odeon_backend**) {
  return barrier(host, [] { throw Error("driver: no such device", ODEON_E_NO_DEVICE); });
}
}  // namespace

SPECIMEN_BACKEND([](odeon_backend_api& api) { api.create = create_nothing; })
