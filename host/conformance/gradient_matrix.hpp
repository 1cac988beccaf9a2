// Every installed solver with every gradient strategy, stepping and backend, tried on one small problem.
#pragma once
#include <string>
#include <vector>

#include "conformance/numbers.hpp"
#include "engine/solver_options.hpp"
#include "loader/registry.hpp"

namespace odeon::host::conformance {

struct MatrixCell {
  enum class Outcome {
    exact,        // the gradient of the flow, up to the solver's error, by a strategy that is discrete-exact
    approximate,  // likewise, by one that is not
    refused,      // with `reason`
    wrong         // differs from the gradient of the flow by `error`
  };
  std::string solver, gradient, backend;
  Stepping stepping = Stepping::joint;
  Outcome outcome = Outcome::refused;
  std::string reason = {};
  double error = 0;        // relative to the largest element
  Numbers gradients = {};  // of the initial state, the parameters and the times; empty where refused
};

// By backend, solver, stepping, gradient. Backends that do not open are left out.
std::vector<MatrixCell> gradient_matrix(const Registry& registry);

// A Markdown table, solvers down and strategies across, and a footnote for each reason. A cell tells
// steppings and backends apart only where they differ.
std::string to_markdown(const std::vector<MatrixCell>& cells);

}  // namespace odeon::host::conformance
