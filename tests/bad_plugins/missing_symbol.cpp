// No plugin, and a static constructor that leaves a trace: a host that loads it first looks too late.
#include <cstdio>
#include <cstdlib>

namespace {
struct Trace {
  Trace() {
    const char* path = std::getenv("ODEON_TEST_CONSTRUCTOR_TRACE");
    if (std::FILE* file = path ? std::fopen(path, "w") : nullptr) std::fclose(file);
  }
} trace;
}  // namespace
