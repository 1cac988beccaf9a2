#include "train/regularisers.hpp"

#include <algorithm>
#include <cmath>

#include "data/error.hpp"
#include "experiment/experiment.hpp"
#include "experiment/scalars.hpp"

namespace odeon::host {

Regularisers read_regularisers(const ConfigNode& map) {
  Regularisers r;
  const ConfigNode* node = map.find("regularise");
  if (!node) return r;
  check_keys(*node, "'regularise'", {"kinetic", "jacobian"});
  for (const auto& [key, weight] : {std::pair("kinetic", &r.kinetic), std::pair("jacobian", &r.jacobian)}) {
    const ConfigNode* n = node->find(key);
    if (!n) continue;
    *weight = read_real(*n, std::string("'") + key + "'");
    if (!(*weight >= 0 && std::isfinite(*weight)))
      bad(*n, std::string("'") + key + "' must be >= 0 and finite; found " + n->text);
  }
  return r;
}

void check_augmentable(const Field& field, const std::string& who, const ConfigNode& node) {
  if (!field.graph())
    bad(node,
        field.name() + " computes by callbacks, but " + who +
            " derives products with the Jacobian from the field's graph; choose a field that lowers itself "
            "to a graph, such as neural");
  if (field.events())
    bad(node,
        field.name() + " brings events, through which " + who + " carries nothing; choose another field");
}

SolverChoice augmented_solver(SolverChoice solver, const AugmentedRow& row) {
  constexpr double kNever = 1e20;
  SolverSettings& s = solver.settings;
  const int64_t judged = row.state + (row.log_density >= 0 ? 1 : 0);
  if (row.width == row.state) return solver;
  const double share =
      s.norm == Norm::rms ? std::sqrt(static_cast<double>(judged) / static_cast<double>(row.width)) : 1;
  const auto extend = [&](std::vector<double>& values, double beside) {
    if (values.size() == 1) values.assign(static_cast<size_t>(row.state), values[0]);
    const double strictest = *std::min_element(values.begin(), values.end());
    values.resize(static_cast<size_t>(judged), strictest);
    for (double& v : values) v *= share;
    values.resize(static_cast<size_t>(row.width), beside);
  };
  extend(s.rtol, *std::min_element(s.rtol.begin(), s.rtol.end()));
  extend(s.atol, kNever);
  return solver;
}

}  // namespace odeon::host
