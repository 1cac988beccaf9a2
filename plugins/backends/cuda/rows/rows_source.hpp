// Solves of rows on their own, a block of threads each, as source text.
#pragma once
#include "joint/adjoint_source.hpp"
#include "joint/reverse_source.hpp"
#include "rows/own_memory.hpp"
#include "solve/gradient_source.hpp"

namespace odeon::cuda {

// The argument of the kernel, as the source declares it.
struct RowsArgs {
  SolveArgs a;
  JointArgs g;
  OwnArgs own;
};
constexpr const char* kRowsKernel = "odeon_rows";

// Likewise of the adjoint.
struct RowsAdjointArgs {
  AdjointArgs a;
  JointAdjointArgs g;
  OwnArgs own;
};
constexpr const char* kRowsAdjointKernel = "odeon_rows_adjoint";

struct RowsSource {
  std::string text;
  GeneratedGraph graph;  // of the field, for one row
  int calls;             // of it
  OwnJoint at;
  int64_t bytes;  // of a block's own memory
  unsigned threads;
};
// Throws ODEON_E_UNSUPPORTED where rows depend on each other, or are too much work for a block.
RowsSource rows_source(const odeon_solve_spec& spec);

// The continuous adjoint: kRowsAdjointKernel and kSumKernel.
struct RowsAdjointSource {
  RowsSource rows;    // graph: the derivative products
  int64_t s, r, end;  // pieces of what is between its solves
  JointAdjointArgs at(char* base) const;
};
RowsAdjointSource rows_adjoint_source(const odeon_solve_gradient_spec& spec);

// Of the discrete reverse.
struct RowsDirectArgs {
  DirectArgs a;
  JointArgs j;
  ReverseArgs g;
  OwnArgs own;
};
constexpr const char* kRowsDirectKernel = "odeon_rows_direct";
// kRowsDirectKernel and kSumKernel.
struct RowsDirectSource {
  RowsSource rows;  // graph: the derivative products
  int64_t lambda, after, mu, K, gt, s, r, along;
  ReverseArgs at(char* base) const;
};
RowsDirectSource rows_direct_source(const odeon_solve_gradient_spec& spec);

// What sources of rows in blocks have in common: the kernels of a graph as functions of a lone block ...
GeneratedGraph row_graph(const odeon_graph& graph, int32_t dtype, unsigned threads);
std::string rows_head(const GeneratedGraph& graph, unsigned threads, int64_t quadratures);

}  // namespace odeon::cuda
