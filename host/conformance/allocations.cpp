#include "conformance/allocations.hpp"

#include <cstdlib>

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ODEON_COUNTS_ALLOCATIONS 1
#else
#define ODEON_COUNTS_ALLOCATIONS 0
#endif

namespace odeon::host::conformance {
namespace {
thread_local long count = 0;
}

std::optional<long> allocations() {
  return ODEON_COUNTS_ALLOCATIONS ? std::optional<long>(count) : std::nullopt;
}

}  // namespace odeon::host::conformance

#if ODEON_COUNTS_ALLOCATIONS
// glibc's own names of its allocator; every library of the process allocates through the ones below.
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void* malloc(size_t n) { return ++odeon::host::conformance::count, __libc_malloc(n); }
void* calloc(size_t n, size_t size) { return ++odeon::host::conformance::count, __libc_calloc(n, size); }
void* realloc(void* p, size_t n) { return ++odeon::host::conformance::count, __libc_realloc(p, n); }
void* aligned_alloc(size_t alignment, size_t n) {
  return ++odeon::host::conformance::count, __libc_memalign(alignment, n);
}
int posix_memalign(void** out, size_t alignment, size_t n) {
  ++odeon::host::conformance::count;
  return (*out = __libc_memalign(alignment, n)) ? 0 : 12;  // ENOMEM
}
}
#endif
