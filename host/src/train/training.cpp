#include "train/training.hpp"

#include "data/error.hpp"
#include "experiment/literals.hpp"
#include "train/classifier.hpp"
#include "train/dataset.hpp"
#include "train/flow.hpp"
#include "train/flow_plan.hpp"
#include "train/model_section.hpp"
#include "train/optimizer.hpp"
#include "train/series/latent_ode.hpp"
#include "train/series/recurrent_forecast.hpp"
#include "train/series/series_training.hpp"
#include "train/trajectory.hpp"
#include "train/trajectory_plan.hpp"

namespace odeon::host {
namespace {

constexpr odeon_option kFittedField =
    field_section(str("field"), str("The field whose parameters are fitted."));
constexpr odeon_option kFittedSolver = solver_section(str("Of the fitted field."));
constexpr odeon_option kFittedGradient = gradient_section(str("Of the fitted field."));

// `data` of a field: a trajectory that the run makes, or series of its state.
const odeon_option& fit_data_section() {
  static const std::vector<const odeon_option*> formats = [] {
    const Keys trajectory = children_of(kTrajectorySection), series = children_of(kSeriesSection);
    std::vector<const odeon_option*> all(trajectory.begin(), trajectory.end());
    all.insert(all.end(), series.begin(), series.end());
    return all;
  }();
  static const odeon_option section = [] {
    odeon_option o = kTrajectorySection;
    o.doc = str("What the field is fitted to.");
    o.children = formats.data(), o.n_children = std::ssize(formats);
    return o;
  }();
  return section;
}

bool fits_trajectory(const Experiment& e) {
  const ConfigNode& format = require_key(require_key(e.root, "task train", "data"), "'data'", "format");
  return read_choice(format, "'format' for a field", names_of(children_of(fit_data_section()))) == 0;
}

std::string check_fit(const Experiment& e, const Registry& registry) {
  return fits_trajectory(e) ? check_trajectory_fit(e, registry) : check_field_fit(e, registry);
}

RunResult run_fit(const Experiment& e, const Registry& registry, bool quiet, const std::string& folder) {
  return fits_trajectory(e) ? fit_trajectory(e, registry, quiet, folder)
                            : run_field_fit(e, registry, quiet, folder);
}

}  // namespace

std::span<const TrainedKind> trained_kinds() {
  static const std::vector<TrainedKind> kinds{
      {&model_section(),
       "a list of layers",
       "trains a classifier",
       {&kImageSection, &kOptimizerSection, &kTrainSection},
       "",
       check_classifier,
       run_classifier},
      {&kFittedField,
       "a field to fit",
       "fits trajectories",
       {&kFittedSolver, &kFittedGradient, &fit_data_section(), &kOptimizerSection, &kTrainSection},
       "run a fitted field with task solve",
       check_fit,
       run_fit},
      {&latent_section(),
       "a latent ODE",
       "trains a latent ODE",
       {&kSeriesSection, &kOptimizerSection, &kTrainSection},
       "",
       check_latent_ode,
       run_latent_ode},
      {&recurrent_section(),
       "a recurrent network",
       "trains a recurrent network",
       {&kSeriesSection, &kOptimizerSection, &kTrainSection},
       "",
       check_recurrent,
       run_recurrent},
      {&kFlowSection,
       "a normalizing flow",
       "fits a density",
       {&kFlowDataSection, &kOptimizerSection, &kTrainSection},
       "",
       check_flow,
       run_flow},
  };
  return kinds;
}

const TrainedKind& trained_kind(const ConfigNode& root, Task task) {
  const TrainedKind* found = nullptr;
  std::string offers;
  for (const TrainedKind& kind : trained_kinds()) {
    if (task == Task::train || kind.instead_of_evaluate.empty())
      offers += (offers.empty() ? "'" : ", or '") + kind.key() + "', " + kind.noun;
    const ConfigNode* node = root.find(kind.key());
    if (!node) continue;
    if (found)
      throw ConfigError(node->key_where + ": '" + found->key() + "' " + found->effect + " and '" +
                        kind.key() + "' " + kind.effect + "; keep one");
    found = &kind;
  }
  if (!found) bad(root, std::string("task ") + task_name(task) + " needs " + offers + "; add it");
  if (task == Task::evaluate && !found->instead_of_evaluate.empty())
    throw ConfigError(root.find(found->key())->key_where + ": task evaluate needs 'model', not '" +
                      found->key() + "'; " + found->instead_of_evaluate);
  return *found;
}

}  // namespace odeon::host
