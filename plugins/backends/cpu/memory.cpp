// Instances, queues and memory. A call is done when it returns, so a queue holds scratch only.
#include <oneapi/tbb/info.h>

#include <odeon/sdk/host_memory.hpp>
#include <odeon/sdk/options.hpp>

#include "backend.hpp"

namespace odeon::cpu {

odeon_status create(const odeon_host* host, const odeon_value* options, odeon_backend** out) {
  return barrier(host, [&] {
    int threads = static_cast<int>(Options(options).integer("threads"));
    if (threads == 0) threads = oneapi::tbb::info::default_concurrency();
    const std::string device = "cpu, " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
    *out = new odeon_backend{host, threads, device, oneapi::tbb::task_arena(threads)};
  });
}
void destroy(odeon_backend* backend) { delete backend; }

odeon_status info(odeon_backend* backend, odeon_backend_info* out) {
  out->host_memory = 1;
  out->threads = backend->threads;
  out->device = to_str(backend->device);
  return ODEON_OK;
}

odeon_status queue_create(odeon_backend* backend, odeon_queue** out) {
  return barrier(backend->host, [&] { *out = new odeon_queue{backend, {}}; });
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

}  // namespace odeon::cpu
