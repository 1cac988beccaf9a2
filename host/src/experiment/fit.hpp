// Whether the parts of an experiment fit together; everything that can be seen without a backend.
#pragma once
#include "engine/problem.hpp"
#include "experiment/experiment.hpp"
#include "experiment/tangent.hpp"

namespace odeon::host {

struct FittedParts {
  std::shared_ptr<Field> field;
  SolverChoice solver;
  std::vector<EventGroup> events = {};  // of the configuration, beside the field's own
  std::optional<Tangent> tangent = {};  // of task gradient
};

// The field made for rows of this shape, the solver's tolerances and grid checked against both. what: what
// the rows are, for messages ("each row of 'initial'"), and where they stand. Throws ConfigError.
FittedParts fit_parts(const FieldChoice& field, const ComponentChoice& solver,
                      const std::vector<int64_t>& row, std::span<const double> times, const std::string& what,
                      const std::string& where);

// The same for the tasks solve and gradient.
FittedParts fit_parts(const Experiment& experiment);

// Creates the strategy once, and any solver that its options name, and asks whether it can go through these
// parts. Throws ConfigError.
void check_gradient(const ComponentChoice& gradient, const FittedParts& parts);

// "[2, 3]"
std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace odeon::host
