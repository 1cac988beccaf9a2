// Counting what a program allocates, in order to see that something does not.
#pragma once
#include <optional>

namespace odeon::host::conformance {

// Calls of malloc and its kin by this thread so far, by whichever library; none where a sanitizer brings its
// own allocator, or the C library is not glibc.
std::optional<long> allocations();

}  // namespace odeon::host::conformance
