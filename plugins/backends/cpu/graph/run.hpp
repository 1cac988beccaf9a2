// What the steps of a plan share: where values live, and the scratch of a run.
#pragma once
#include <oneapi/tbb/task_arena.h>

#include <algorithm>

#include "backend.hpp"

namespace odeon::cpu {

// A value's address: a base that is known when the plan runs, and an offset in elements.
// Bases: the arena, θ, the inputs, then the outputs; or the rows at hand, whose first one is at the offset.
struct Place {
  int base = -1;
  int64_t offset = 0;
  int64_t row = 0;  // elements of one, of a base kRows
};
constexpr int kRows = -2, kArena = 0, kTheta = 1, kFirstInput = 2;

// Of Step::work: what one thread does without asking others, since waking them would take as long.
constexpr int64_t kSerialWork = 16384;
constexpr int64_t kProductsPerWork = 4;

template <class T>
struct Run {
  odeon_backend& backend;
  T* const* bases;
  T* shared;  // scratch of the running step
  T* local;   // scratch of each thread, local_size elements apart
  int64_t local_size;
  // Of a segment by rows: values of rows from first_row on; the sums of this share, which may have begun.
  T* rows = nullptr;
  int64_t first_row = 0;
  T* partial = nullptr;
  bool begins = true;

  // Where row 0 of the value is, or would be.
  T* at(Place p) const {
    if (p.base == kRows) return rows + (p.offset - first_row * p.row);
    return bases[p.base] + p.offset;
  }

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
  virtual void run(const Run<T>&) { throw Error("cpu backend: a step that works by rows is on its own"); }
  virtual int64_t shared_scratch() const { return 0; }  // elements
  virtual int64_t local_scratch() const { return 0; }   // elements, per thread
  // In elements times instructions on them; kProductsPerWork products of matrices are one.
  virtual int64_t work() const { return 0; }

  // Of a step that may be in a segment by rows (segments.cpp says which): what is the same for all rows, into
  // the shared scratch; then rows [first, last), by any thread; then, of one that adds up rows, what became
  // of `shares` partial sums, each of which takes partial() elements, a multiple of a cache line.
  virtual void prepare(const Run<T>&) {}
  virtual void run_rows(const Run<T>&, int64_t, int64_t, T*) {
    throw Error("cpu backend: a step that does not work by rows is among those that do");
  }
  virtual int64_t partial() const { return 0; }
  virtual void finish(const Run<T>&, int64_t) {}
};

}  // namespace odeon::cpu
