// The continuous adjoint of a batch that steps together, as source text.
#pragma once
#include <odeon/ext/solve_gradient.h>

#include <odeon/sdk/graph.hpp>

#include "joint/joint_source.hpp"

namespace odeon::cuda {

// The argument of the kernels, as the source declares it, and what in it differs from run to run. Pointers to
// device memory.
struct AdjointRun {
  int64_t n_times;
  const void *ys, *gys;
  void *gy0, *found;
  const int64_t* grid_begin;
  double* gtimes;
};
struct JointAdjointArgs {
  JointArgs j;
  int64_t* s;  // adjoint_state: at, accepted, rejected, products, going
  const AdjointRun* r;
  void* end;
  double* norms;
};
constexpr int kAdjointStateWords = 5;
constexpr const char* kJointAdjointKernel = "odeon_joint_adjoint";

// All of it in one kernel; `graph`: f, -a^T df/dy, -a^T df/dt of inputs y and a, and by theta.
JointSource joint_adjoint_source(const odeon_solve_gradient_spec& spec, const JointShape& shape);

// Each phase as a kernel, in the order of AdjointPhase: those of one solve, whose argument is its JointArgs,
// and behind them those between the solves.
enum class AdjointPhase { begin, put, aim, along, find, close, end, result };
std::vector<std::string> adjoint_phase_names();
std::string adjoint_phases_source(const odeon_solve_gradient_spec& spec);
// The products' graph with -a for their cotangent.
Graph adjoint_products(const odeon_graph& vjp);

// Whether the integrand is wanted where call i of the field is: it has a weight in steps or in their dense
// output, or is the next step's first one.
bool wants_integrand(const odeon_solve_spec& spec, int call);

}  // namespace odeon::cuda
