// What a block of threads needs beside a row's results: states, stages, arguments of the field's kernels and
// how the solve stands. In shared memory where it is small.
#pragma once
#include "graph/run.hpp"
#include "joint/joint_source.hpp"
#include "pieces.hpp"

namespace odeon::cuda {

// As the source declares it (rows_text.hpp).
struct OwnArgs {
  char *layout, *blocks;
  int64_t bytes, call_words;
};

constexpr int64_t kOwnLine = 16;  // bytes of memory of which a piece of it takes whole ones
// Of a multiprocessor's 228 KiB: twelve blocks at once, each of one warp to eight.
constexpr int64_t kMostShared = 18 << 10;
// What a source has to know of it.
std::string own_head(int64_t bytes);
constexpr int64_t shared_bytes(int64_t bytes) { return bytes <= kMostShared ? bytes : 0; }

// The arguments of a call without what its kernels do not use of KernelArgs.
int most_pointers(const GeneratedGraph& graph);
int64_t call_words(const GeneratedGraph& graph, int calls);

// The pieces of a solve by the phases of joint_text.hpp.
struct OwnJoint {
  // elements: of a state with all of its parts. quadratures: of the integral; has_integrands: of each stage,
  // too. Behind y stand the stages.
  OwnJoint(Pieces& pieces, int stages, int64_t elements, int64_t parts, int64_t quadratures,
           bool has_integrands, int64_t element_bytes, int64_t arena_bytes, int64_t call_words);
  JointArgs at(char* base) const;
  void* k_at(char* base, int i) const { return base + k + i * elements * element_bytes; }
  void* q_at(char* base, int i) const { return base + q + i * quadratures * element_bytes; }

  int64_t elements, quadratures, element_bytes;
  int64_t y, y1, stage, k, q, integral, partials, call_times, state, solve, arena, calls;
};

}  // namespace odeon::cuda
