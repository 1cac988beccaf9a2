// Instances, queues and memory. A call is done when it returns, so a queue holds nothing.
#include <odeon/sdk/host_memory.hpp>
#include <odeon/sdk/options.hpp>

#include "backend.hpp"

namespace odeon::reference {

odeon_status create(const odeon_host* host, const odeon_value*, odeon_backend** out) {
  return barrier(host, [&] { *out = new odeon_backend{host}; });
}
void destroy(odeon_backend* backend) { delete backend; }

odeon_status info(odeon_backend*, odeon_backend_info* out) {
  out->host_memory = 1;
  out->threads = 1;
  out->device = str("reference (plain loops)");
  return ODEON_OK;
}

odeon_status queue_create(odeon_backend* backend, odeon_queue** out) {
  return barrier(backend->host, [&] { *out = new odeon_queue{backend}; });
}
void queue_destroy(odeon_queue* queue) { delete queue; }
odeon_status queue_wait(odeon_queue*) { return ODEON_OK; }

odeon_status alloc(odeon_backend* backend, int64_t bytes, void** out) {
  return barrier(backend->host, [&] { *out = host_memory::allocate(bytes); });
}
void release(odeon_backend*, void* memory) { host_memory::release(memory); }

odeon_status copy(odeon_queue*, void* to, const void* from, int64_t bytes, int32_t) {
  host_memory::copy(to, from, bytes);
  return ODEON_OK;
}

}  // namespace odeon::reference
