// Kinetic energy and Jacobian-Frobenius norm as terms of a loss: `regularise: {kinetic: w, jacobian: w}`.
// Finlay et al., How to Train Your Neural ODE, ICML 2020.
#pragma once
#include "autodiff/augment.hpp"
#include "engine/problem.hpp"
#include "experiment/sections.hpp"

namespace odeon::host {

// Weights of the mean over rows of the integrals of |f|^2 / d and |df/dy|_F^2 / d.
struct Regularisers {
  double kinetic = 0, jacobian = 0;
  bool any() const { return kinetic > 0 || jacobian > 0; }
};

// `regularise` of a map, if it is there. Throws ConfigError.
extern const odeon_option kRegulariseSection;
Regularisers read_regularisers(const ConfigNode& map);

// Throws ConfigError unless the field can be augmented: the Jacobian's products come from its graph, and
// nothing of an event would reach what is carried beside the state. who: "a flow".
void check_augmentable(const Field& field, const std::string& who, const ConfigNode& node);

// The solver for augmented rows. Tolerances of the state stay as they are, those of a log-density are the
// strictest of them; regularisers and probes never decide about a step (FFJORD gives them tolerances of
// 1e20), and the root mean square stays one over state and log-density.
SolverChoice augmented_solver(SolverChoice solver, const AugmentedRow& row);

}  // namespace odeon::host
