// Whole solves backwards as source: the discrete reverse, or the continuous adjoint, a thread per row.
#pragma once
#include <odeon/ext/solve_gradient.h>

#include "solve/solve_source.hpp"

namespace odeon::cuda {

constexpr const char* kDirectKernel = "odeon_direct";
constexpr const char* kAdjointKernel = "odeon_adjoint";
constexpr const char* kSumKernel = "odeon_sum";

// Parameters of one thread's sums, in its local memory beyond what registers hold.
constexpr int64_t kMostTheta = 1024;

// The arguments of the kernels, as the sources declare them.
struct DirectArgs {
  int64_t batch, rows, n_times;
  const double* times;
  const void *theta, *gys;
  void* gy0;
  const int64_t* steps;
  const double* log_times;
  const void* log_states;
  void* between;
  int64_t log_every;
  const double* grid;
  const int64_t* anchors;
  double *gtimes, *partial;
  int64_t threads;
  int64_t* counts;
  const int32_t* cancel;
  int64_t log_steps;
};
struct AdjointArgs {
  SolveArgs solve;
  int64_t n_times;
  const double* times;
  const void *ys, *gys;
  void *gy0, *found;
  const double* grid;
  const int64_t *anchors, *grid_begin;
  double *gtimes, *partial;
  int64_t threads;
  odeon_row_result* results;
  int64_t* counts;
  double* norms;
};
struct SumArgs {
  const double* x;
  int64_t n, columns;
  double* out;
  void* add_to;
};

struct GradientSource {
  SolveSource
      solve;  // kSolveKernel; of the discrete reverse with kDirectKernel and kSumKernel in the same text
  std::string backward;  // of the adjoint: kAdjointKernel and kSumKernel
};

// Throws ODEON_E_UNSUPPORTED where one thread cannot hold the row, or its share of dL/dtheta.
GradientSource gradient_source(const odeon_solve_gradient_spec& spec);
[[noreturn]] void throw_no_method(int32_t method);

}  // namespace odeon::cuda
