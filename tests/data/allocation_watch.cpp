#include "data/allocation_watch.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> live{0}, peak{0}, base{0};

void* watched(std::size_t bytes) noexcept {
  void* p = std::malloc(bytes == 0 ? 1 : bytes);
  if (!p) return nullptr;
  const std::size_t now = live += malloc_usable_size(p);
  for (std::size_t old = peak; now > old && !peak.compare_exchange_weak(old, now);) {
  }
  return p;
}

void* or_throw(void* p) { return p ? p : throw std::bad_alloc(); }

void forget(void* p) noexcept {
  if (p) live -= malloc_usable_size(p);
  std::free(p);
}

}  // namespace

// Every form whose memory the operator delete below gives back: one left out would be forgotten uncounted.
void* operator new(std::size_t bytes) { return or_throw(watched(bytes)); }
void* operator new[](std::size_t bytes) { return or_throw(watched(bytes)); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return watched(bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return watched(bytes); }
void operator delete(void* p) noexcept { forget(p); }
void operator delete[](void* p) noexcept { forget(p); }
void operator delete(void* p, std::size_t) noexcept { forget(p); }
void operator delete[](void* p, std::size_t) noexcept { forget(p); }

namespace odeon::test {

void restart_allocation_peak() { peak = base = live.load(); }
std::size_t allocation_peak() { return peak - base; }

}  // namespace odeon::test
