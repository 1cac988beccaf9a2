// What oneTBB orders, told to ThreadSanitizer, which cannot see into a library built without it: a loop's
// bodies see what was written before the loop, the code behind it sees what the bodies wrote, and those
// that run in one slot of the arena follow each other. Everything else is left unordered, so that a race
// between bodies is still found. Empty in every other build.
#pragma once
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ODEON_TSAN 1
#endif
#elif defined(__SANITIZE_THREAD__)
#define ODEON_TSAN 1
#endif

#ifdef ODEON_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace odeon::cpu {

// What happened before `release` on an address is visible after `acquire` on it.
#ifdef ODEON_TSAN
inline void release_to_tsan(void* address) { __tsan_release(address); }
inline void acquire_from_tsan(void* address) { __tsan_acquire(address); }
#else
inline void release_to_tsan(void*) {}
inline void acquire_from_tsan(void*) {}
#endif

}  // namespace odeon::cpu
