// The continuous adjoint of a batch that steps together, as source text.
#pragma once
#include <odeon/ext/solve_gradient.h>

#include "joint/joint_source.hpp"

namespace odeon::cuda {

// The argument of the kernel, as the source declares it. Pointers to device memory.
struct JointAdjointArgs {
  JointArgs j;
  int64_t* s;  // adjoint_state: at, accepted, rejected, products, going
  int64_t n_times;
  const void *ys, *gys;
  void *gy0, *end, *found;
  const int64_t* grid_begin;
  double *gtimes, *norms;
};
constexpr int kAdjointStateWords = 5;
constexpr const char* kJointAdjointKernel = "odeon_joint_adjoint";

// All of it in one kernel for one block; `graph`: f, -a^T df/dy, -a^T df/dt of inputs y and a, and by theta.
JointSource joint_adjoint_source(const odeon_solve_gradient_spec& spec);

// Whether the integrand is wanted where call i of the field is: it has a weight in steps or in their dense
// output, or is the next step's first one.
bool wants_integrand(const odeon_solve_spec& spec, int call);

}  // namespace odeon::cuda
