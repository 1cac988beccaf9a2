// What an instance is made of and says of itself.
#include <oneapi/tbb/info.h>

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

odeon_status info(odeon_backend* backend, odeon_backend_info* out) {
  out->host_memory = 1;
  out->threads = backend->threads;
  out->device = to_str(backend->device);
  return ODEON_OK;
}

}  // namespace odeon::cpu
