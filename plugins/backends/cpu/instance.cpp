// What an instance is made of and says of itself.
#include <oneapi/tbb/info.h>

#include <odeon/sdk/options.hpp>

#include "backend.hpp"

namespace odeon::cpu {
namespace {

// Without this, a plugin built for another machine would end the process at its first wide instruction.
void check_instruction_set() {
  const char* missing = nullptr;
#if defined(__AVX2__)
  if (!__builtin_cpu_supports("avx2")) missing = "AVX2";
#endif
#if defined(__AVX512F__)
  if (!__builtin_cpu_supports("avx512f")) missing = "AVX-512";
#endif
  if (missing)
    throw Error("this build of backend 'cpu' uses " + std::string(missing) +
                    ", which this processor does not have; build it with -DODEON_CPU_ARCH=x86-64-v2, or use "
                    "backend 'reference'",
                ODEON_E_UNSUPPORTED);
}

}  // namespace

odeon_status create(const odeon_host* host, const odeon_value* options, odeon_backend** out) {
  return barrier(host, [&] {
    check_instruction_set();
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
