// What an instance is made of and says of itself.
#include <odeon/sdk/options.hpp>

#include "backend.hpp"

namespace odeon::reference {

odeon_status create(const odeon_host* host, const odeon_value*, odeon_backend** out) {
  return barrier(host, [&] { *out = new odeon_backend{host}; });
}

odeon_status info(odeon_backend*, odeon_backend_info* out) {
  out->host_memory = 1;
  out->threads = 1;
  out->device = str("reference (plain loops)");
  return ODEON_OK;
}

}  // namespace odeon::reference
