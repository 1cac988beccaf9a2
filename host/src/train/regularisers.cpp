#include "train/regularisers.hpp"

#include <algorithm>
#include <cmath>

#include "data/error.hpp"
#include "experiment/experiment.hpp"
#include "experiment/scalars.hpp"
#include "experiment/sections.hpp"

namespace odeon::host {
namespace {

constexpr odeon_option weight(odeon_str key, odeon_str doc) {
  return ranged(make_option(ODEON_OPTION_REAL, key, str("0"), doc), 0, ODEON_UNBOUNDED_ABOVE);
}
constexpr odeon_option kKinetic =
    weight(str("kinetic"), str("Weight of the mean of the integral of |f|^2 / d."));
constexpr odeon_option kJacobian =
    weight(str("jacobian"), str("Weight of the mean of the integral of |df/dy|^2 / d."));
constexpr const odeon_option* kKeys[] = {&kKinetic, &kJacobian};

}  // namespace

constinit const odeon_option kRegulariseSection = with_children(
    make_option(ODEON_OPTION_GROUP, str("regularise"), kNoText,
                str("Terms of the loss that keep the field easy to solve (Finlay et al. 2020).")),
    kKeys);

Regularisers read_regularisers(const ConfigNode& map) {
  Regularisers r;
  const ConfigNode* node = map.find("regularise");
  if (!node) return r;
  check_keys(*node, "'regularise'", kRegulariseSection);
  r.kinetic = read_real(*node, kKinetic, 0);
  r.jacobian = read_real(*node, kJacobian, 0);
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
