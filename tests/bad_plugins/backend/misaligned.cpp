// Memory where vector loads do not want it.
#include "loops.hpp"

namespace {
odeon_status alloc_off(odeon_backend* backend, int64_t bytes, void** out) {
  return barrier(backend->host, [&] {
    void* memory = host_memory::allocate(bytes == 0 ? 0 : bytes + 64);
    *out = memory ? static_cast<char*>(memory) + 16 : nullptr;
  });
}
void release_off(odeon_backend*, void* memory) { host_memory::release(static_cast<char*>(memory) - 16); }
}  // namespace

SPECIMEN_BACKEND([](odeon_backend_api& api) { api.alloc = alloc_off, api.release = release_off; })
