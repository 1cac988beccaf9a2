// The discrete reverse of a joint solve as source text.
#pragma once
#include "joint/joint_source.hpp"

namespace odeon::cuda {

constexpr int kReverseConditions = 3;  // go on; f(t + h, y1) is needed; the last stage is

// What differs from launch to launch, as the source declares it.
struct ReverseRun {
  int64_t n_times, steps;
  const double* times;
  TapeArgs tape;
  const void* gys;
  void* gy0;
  double* gtimes;
  int64_t begins, ends;
  const double* grid;
  const int64_t* anchors;
  int64_t times_stride = 1;
};

// Likewise the argument of every phase.
struct ReverseArgs {
  const ReverseRun* r;
  int64_t batch;
  void *lambda, *after, *stage, *mu, *gt;
  void* const* K;
  double* call_times;
  const KernelArgs* calls;
  int64_t* s;  // reverse_state, which begins with: next, products
  int64_t which;
  unsigned long long conditions[kReverseConditions];
  uint32_t* gate;
  double* along;
};
constexpr int64_t kReverseStateBytes = 7 * 8;

// The products with K_i: i < stages: at stage i; stages: at (t + h, y1).
constexpr int product_count(int stages) { return stages + 1; }

// All of it in one kernel, kJointReverseKernel. vjp: its outputs are the field, the products
// by y and t, then by theta.
constexpr const char* kJointReverseKernel = "odeon_joint_reverse";
JointSource joint_reverse_source(const odeon_solve_spec& spec, const odeon_graph& vjp,
                                 const JointShape& shape);

// Each phase as a kernel, in the order of ReversePhase; the products' kernels stand elsewhere.
enum class ReversePhase { begin, aim, open, times, end_stage, end_taken, pass, first_time };
std::vector<std::string> reverse_phase_names();
std::string reverse_phases_source(const odeon_solve_spec& spec);

}  // namespace odeon::cuda
