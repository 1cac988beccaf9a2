// The queue and memory slots of odeon_backend_api for a backend whose buffers are plain host memory and whose
// calls are done when they return.
#pragma once
#include <odeon/backend.h>

#include <cstdlib>
#include <cstring>
#include <odeon/sdk/error.hpp>

namespace odeon::host_memory {

constexpr int64_t kAlignment = 64;

// nullptr for 0 bytes. Throws with the size that was asked for.
inline void* allocate(int64_t bytes) {
  if (bytes == 0) return nullptr;
  if (bytes < 0) throw Error("alloc: a size of " + std::to_string(bytes) + " bytes is negative");
  const auto rounded = (static_cast<size_t>(bytes) + kAlignment - 1) / kAlignment * kAlignment;
  void* memory = std::aligned_alloc(kAlignment, rounded);
  if (!memory)
    throw Error("out of host memory: " + std::to_string(bytes) + " bytes were asked for; use a smaller batch",
                ODEON_E_NO_MEMORY);
  return memory;
}

inline void release(void* memory) { std::free(memory); }

inline void copy(void* to, const void* from, int64_t bytes) {
  if (bytes > 0 && to != from) std::memmove(to, from, static_cast<size_t>(bytes));
}

// B and Q: the backend's odeon_backend, with a member `host`, and odeon_queue, which begins with its backend.
template <class B, class Q>
constexpr void fill_slots(odeon_backend_api& api) {
  api.destroy = [](B* backend) { delete backend; };
  api.queue_create = [](B* backend, Q** out) {
    return barrier(backend->host, [&] { *out = new Q{backend}; });
  };
  api.queue_destroy = [](Q* queue) { delete queue; };
  api.queue_wait = [](Q*) -> odeon_status { return ODEON_OK; };
  api.alloc = [](B* backend, int64_t bytes, void** out) {
    return barrier(backend->host, [&] { *out = allocate(bytes); });
  };
  api.release = [](B*, void* memory) { host_memory::release(memory); };
  api.copy = [](Q*, void* to, const void* from, int64_t bytes, int32_t) -> odeon_status {
    host_memory::copy(to, from, bytes);
    return ODEON_OK;
  };
}

}  // namespace odeon::host_memory
