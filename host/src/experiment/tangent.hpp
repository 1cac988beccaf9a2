// The direction of a Hessian-vector product: `tangent:` of task gradient.
#pragma once
#include "engine/field_program.hpp"
#include "experiment/experiment.hpp"

namespace odeon::host {

struct Tangent {
  Array initial;     // [batch, state…]
  Array parameters;  // flat
  std::optional<Array>
      cotangent;  // how the cotangents change along it; absent: not, as for a loss linear in ys
};

extern const odeon_option kTangentSection;

// initial: {…}, parameters: {…}, cotangent: {…}; zeros for what is left out. Throws ConfigError for names and
// shapes that do not fit.
Tangent read_tangent(const ConfigNode& node, const Field& field, const Experiment& experiment);

}  // namespace odeon::host
