// The cpu backend: host memory, oneTBB for parallelism. Work is cut into chunks whose bounds depend on
// sizes alone, and partial sums are added in the order of the chunks: the bits do not depend on threads.
#pragma once
#include <odeon/backend.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <odeon/sdk/error.hpp>
#include <string>
#include <vector>

#include "fork_join.hpp"

struct odeon_backend {
  const odeon_host* host;
  int threads;
  std::string device;
  oneapi::tbb::task_arena arena;
};
struct odeon_queue {
  odeon_backend* backend;
  std::vector<double> partials = {};  // of reductions; grows in the first calls, then stays
};

namespace odeon::cpu {

// Below this many bytes of traffic, waking a thread costs more than the work.
constexpr int64_t kSerialBytes = 128 * 1024;

// body(i) for i in [0, count). `parallel` false, one thread or one item: a plain loop that never enters
// the arena. body must not depend on who runs it.
template <class Body>
void for_each_chunk(odeon_backend& backend, int64_t count, bool parallel, const Body& body) {
  if (!parallel || backend.threads == 1 || count < 2) {
    for (int64_t i = 0; i < count; ++i) body(i);
    return;
  }
  using Range = oneapi::tbb::blocked_range<int64_t>;
  char fork = 0, join = 0;  // only their addresses count
  release_to_tsan(&fork);
  backend.arena.execute([&] {
    oneapi::tbb::parallel_for(Range(0, count), [&](const Range& r) {
      acquire_from_tsan(&fork);
      for (int64_t i = r.begin(); i < r.end(); ++i) body(i);
      release_to_tsan(&join);
    });
  });
  acquire_from_tsan(&join);
}

// instance.cpp
odeon_status create(const odeon_host* host, const odeon_value* options, odeon_backend** out);
odeon_status info(odeon_backend* backend, odeon_backend_info* out);

// maths.cpp
odeon_status fill(odeon_queue* queue, const odeon_tensor* out, double value);
odeon_status lincomb(odeon_queue* queue, const odeon_tensor* z, const odeon_tensor* base, odeon_scalar scale,
                     int32_t n_terms, const double* coefficients, const odeon_tensor* terms);
odeon_status error_norm(odeon_queue* queue, const odeon_error_norm_args* args, double* result);
odeon_status reduce(odeon_queue* queue, int32_t operation, const odeon_tensor* x, double* result);
odeon_status dot(odeon_queue* queue, const odeon_tensor* x, const odeon_tensor* y, double* result);
odeon_status select(odeon_queue* queue, const odeon_tensor* z, const uint8_t* mask, const odeon_tensor* a,
                    const odeon_tensor* b);

// graph/extension.cpp
const void* get_ext(odeon_backend* backend, odeon_str id);

}  // namespace odeon::cpu
