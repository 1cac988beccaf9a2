// What the steps of a plan share: where values live, and the scratch of a run.
#pragma once
#include <oneapi/tbb/task_arena.h>

#include <algorithm>

#include "backend.hpp"

namespace odeon::cpu {

// A value's address: a base that is known when the plan runs, and an offset in elements.
// Bases: the arena, θ, the inputs, then the outputs.
struct Place {
  int base = -1;
  int64_t offset = 0;
};
constexpr int kArena = 0, kTheta = 1, kFirstInput = 2;

template <class T>
struct Run {
  odeon_backend& backend;
  T* const* bases;
  T* shared;  // scratch of the running step
  T* local;   // scratch of each thread, local_size elements apart
  int64_t local_size;

  T* at(Place p) const { return bases[p.base] + p.offset; }

  // body(i, this thread's scratch) for i in [0, count).
  template <class Body>
  void for_each(int64_t count, bool parallel, const Body& body) const {
    if (!parallel || backend.threads == 1 || count < 2) {
      for (int64_t i = 0; i < count; ++i) body(i, local);
      return;
    }
    for_each_chunk(backend, count, true, [&](int64_t i) {
      T* const scratch = local + oneapi::tbb::this_task_arena::current_thread_index() * local_size;
      if (local_size > 0) acquire_from_tsan(scratch);
      body(i, scratch);
      if (local_size > 0) release_to_tsan(scratch);
    });
  }
};

template <class T>
class Step {
 public:
  virtual ~Step() = default;
  virtual void run(const Run<T>& run) = 0;
  virtual int64_t shared_scratch() const { return 0; }  // elements
  virtual int64_t local_scratch() const { return 0; }   // elements, per thread
};

}  // namespace odeon::cpu
