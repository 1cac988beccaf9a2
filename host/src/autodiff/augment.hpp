// What a continuous normalizing flow or a regularised block carries beside its state y, as an op graph that
// any solver runs and any gradient strategy differentiates: the change of log-density (Chen et al., NeurIPS
// 2018, theorem 1), kinetic energy and Jacobian-Frobenius norm (Finlay et al., How to Train Your Neural ODE,
// ICML 2020).
#pragma once
#include <odeon/sdk/graph.hpp>

namespace odeon::host {

// exact: d reverse products per evaluation. hutchinson: one, with a probe e of mean 0 and covariance I, so
// that E[e' J e] = tr J and E[|e' J|^2] = |J|_F^2; FFJORD, Grathwohl et al., ICLR 2019.
enum class Trace { exact, hutchinson };

struct Augmentation {
  Trace trace = Trace::exact;
  bool kinetic = false, jacobian = false, log_density = true;
};

// Where the columns of the augmented row stand; -1: there is no such column.
struct AugmentedRow {
  int64_t state;        // y is [0, state), in C order
  int64_t log_density;  // d/dt = -tr(df/dy)
  int64_t kinetic;      // d/dt = |f|^2 / state
  int64_t jacobian;     // d/dt = |df/dy|_F^2 / state, or its estimate
  int64_t probe;        // e is [probe, probe + state), of derivative zero
  int64_t width;
};
AugmentedRow augmented_row(int64_t state, const Augmentation& what);

// f: a field's graph for rows of any shape. INPUT 0 and output: [batch, width].
Graph augmented_graph(const Graph& f, const Augmentation& what);

}  // namespace odeon::host
