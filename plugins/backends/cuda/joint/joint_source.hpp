// A solve in which the whole batch takes its steps together, as source text.
#pragma once
#include <odeon/ext/solve_gradient.h>

#include <span>
#include <string>
#include <vector>

#include "graph/generate.hpp"
#include "joint/form.hpp"
#include "solve/solve_source.hpp"

namespace odeon::cuda {

struct KernelArgs;

// Of a captured loop: go on; derivative at the beginning of the next trial; stability; derivative at the end.
constexpr int kConditions = 4;
constexpr int64_t kStateBytes = 512;  // room for joint_state

// Where accepted steps are kept: [first, first + room), the rest is not.
struct TapeArgs {
  int64_t first, room;
  double* steps;  // t, h
  void* states;   // tape_records of the batch per step
};
// States and stages of a step.
int tape_records(const odeon_solve_spec& spec);

// The calls of the field: i < stages: stage i, 0 from (t, y); stages: (t + h, y1); stages + 1: the first
// trial.
constexpr int call_count(int stages) { return stages + 2; }
// Which state a call is at, and which k and which time are its own.
struct CallPlace {
  enum { begin, stage, end } state;  // y, stage, y1
  int k;
};
CallPlace place_of_call(int call, int stages, bool fsal);

// The argument of every phase, as the source declares it. Pointers to device memory.
struct JointArgs {
  const SolveArgs* a;
  void *y, *y1, *stage;
  void* const* k;
  double *partials, *call_times;
  void* s;
  const KernelArgs* calls;
  const TapeArgs* tape;
  int64_t which;
  unsigned long long conditions[kConditions];
  void* const* q;
  void* integral;
  int64_t quadratures;
  uint32_t* gate;

  void* state(const CallPlace& place) const {
    return place.state == CallPlace::begin ? y : place.state == CallPlace::end ? y1 : stage;
  }
};

// Forms of the phases `joint_norm` and `joint_combine`, as the source knows them.
enum JointNorm { kNormState, kNormSlope, kNormChange, kNormError, kNormArguments, kNormSlopes };

// All of it in one kernel, kJointKernel, of one block or of blocks that run at once; `graph` are the field's
// kernels, which are its functions.
struct JointSource {
  std::string text;
  GeneratedGraph graph;
};
constexpr const char* kJointKernel = "odeon_joint";
JointSource joint_source(const odeon_solve_spec& spec, const JointShape& shape);

// Each phase as a kernel, in the order of Phase; the field's kernels stand elsewhere.
enum class Phase {
  begin,
  put_first,
  combine,
  norm,
  first,
  second,
  judge,
  look,
  count_end,
  observe,
  integrate,
  move_on,
  step_on,
  result,
  put_end
};
std::vector<std::string> phase_names();
std::string phases_source(const odeon_solve_spec& spec);
std::string phase_kernels_text();  // behind joint_phases_text

// What sources of joint solves and of their reverse have in common. Method and types for rows of `size`,
// behind the prelude. For one row at a time (rows/) its stages, cotangents and integrands stand behind each
// other, QUADRATURES elements of an integrand; of a batch there are pointers to them.
std::string joint_method_text(const odeon_solve_spec& spec, int64_t size, bool row = false);
// The phases for a state of `parts` batches of such rows. joint_keep stands elsewhere.
std::string joint_phases_text(const odeon_solve_spec& spec, int64_t size, int parts, bool row = false);
// field_call(calls, i, gate) of the graph's kernels as functions.
std::string field_call_text(const GeneratedGraph& graph);
// In front of the prelude of a source that is one kernel: a graph's kernels are functions, whose text is made
// with these settings.
std::string whole_head(const JointShape& shape, int64_t batch);
ProductSettings whole_settings(int64_t batch, unsigned threads);

// Of a row of the field's state.
int64_t row_size(const odeon_graph& graph);
// Elements of each slice of theta that derivative products are written to.
std::vector<int64_t> slice_counts(const odeon_solve_gradient_spec& spec);

// <kernel>_<phase> of each phase.
std::vector<std::string> kernel_names(const char* kernel, std::span<const char* const> phases);

}  // namespace odeon::cuda
