// A whole adaptive solve as the source of one kernel: a thread takes a row from the first time to the last.
#pragma once
#include <odeon/ext/solve.h>

#include <string>

#include "solve/scalars.hpp"

namespace odeon::cuda {

constexpr int kSolveThreads = 128;  // of a block: a row's state and stages want many registers

// The argument of the kernel, as the source declares it. Pointers into the memory that it runs in.
struct SolveArgs {
  int64_t batch, n_times;
  const double* times;
  const void *theta, *y0;
  void *ys, *y_last, *y_end;
  odeon_row_result* results;
  int64_t max_steps;
  double order;
  double first_step, min_step, max_step;
  double safety, min_factor, max_factor;
  double reject, power0, power1, power2, alpha;  // exponents of errors
  double stability_limit, stability_hides, stiff_near;
  int64_t stiff_every, stiff_hits, stiff_misses;
  double rtol, atol;
  const double *rtol_vector, *atol_vector;
  const double* grid;
  const int64_t* anchors;
  int64_t n_grid;
  double* log_times;
  void* log_states;
  int64_t log_every, log_steps;
  const int32_t* cancel;
};

struct SolveSource {
  std::string text;
  int64_t size;  // of a row
  int64_t theta_end;
};
constexpr const char* kSolveKernel = "odeon_solve";

// Throws ODEON_E_UNSUPPORTED where one thread cannot hold the row. logs: it can keep the steps that it takes.
SolveSource solve_source(const odeon_solve_spec& spec, bool logs = false);

// What sources of row kernels have in common: T and the prelude; `field`; the arguments, and row_by.
std::string source_head(int32_t dtype);
// How a function with this body is declared: a large one is called, since in the place of each of its calls
// it would take compilers minutes, and its row is beyond the registers anyway.
std::string function_word(const std::string& body);
bool is_large(const std::string& body);
std::string field_text(const ScalarField& field);
std::string rows_text(bool fixed);

// Everything of SolveArgs but `times`, `grid`, `anchors` and `results`, which the caller puts where the
// kernel can reach them, the log and `cancel`.
SolveArgs solve_args(const odeon_step_settings* settings, const odeon_solve_run& run);

}  // namespace odeon::cuda
