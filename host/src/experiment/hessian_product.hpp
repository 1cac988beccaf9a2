// H v of the loss L(y0, θ): forward mode over reverse mode. The field and its derivative along v = (y0', θ')
// are solved as one system; what the tangents of the states give with the cotangents is L' = dL/dε along v,
// and its gradient by y0 and θ, which any strategy gives, is H v.
//
// Exact strategies take the accepted steps of the field's own solve once more, as constants, so that H v is
// the derivative of the discrete program (stages of implicit steps are solved to round-off). Others solve the
// system under step control: H v is that of the flow.
#pragma once
#include "experiment/computation.hpp"
#include "experiment/tangent.hpp"

namespace odeon::host {

struct HessianArrays {
  Array initial, parameters, times;   // H v, shaped as the gradients; by times: d L' / dt
  Array loss;                         // L', one number, or one for each loss
  Array states;                       // tangents of the states, [times, batch, state…]
  Counters steps, forward, backward;  // of the solve for the steps, and of the system
  int64_t tape_peak_bytes = 0;
};

// What a computation is made of.
struct HessianParts {
  std::shared_ptr<Backend> backend;
  std::shared_ptr<Field> field;  // with a graph
  SolverChoice solver;
  int32_t dtype;
  const Array& theta;
};

// Throws ConfigError naming the capability that is missing.
void require_hessian_product(const Field& field, const SolverChoice& solver, const ComponentChoice& gradient);

// cotangents as in Computation::differentiate.
HessianArrays hessian_product(const HessianParts& parts, const ComponentChoice& gradient,
                              std::span<const double> times, const Array& initial, const Array* cotangents,
                              const Tangent& tangent);

}  // namespace odeon::host
