#include "train/training.hpp"

#include "data/error.hpp"
#include "experiment/literals.hpp"
#include "train/classifier.hpp"
#include "train/flow.hpp"
#include "train/trajectory.hpp"

namespace odeon::host {

std::span<const TrainedKind> trained_kinds() {
  static const std::vector<TrainedKind> kinds{
      {"model",
       "a list of layers",
       "trains a classifier",
       {"data", "optimizer", "train"},
       "",
       check_classifier,
       run_classifier},
      {"field",
       "a field to fit",
       "fits a trajectory",
       {"solver", "gradient", "data", "optimizer", "train"},
       "run a fitted field with task solve",
       check_trajectory_fit,
       fit_trajectory},
      {"flow",
       "a normalizing flow",
       "fits a density",
       {"data", "optimizer", "train"},
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
      offers += (offers.empty() ? "'" : ", or '") + kind.key + "', " + kind.noun;
    const ConfigNode* node = root.find(kind.key);
    if (!node) continue;
    if (found)
      throw ConfigError(node->key_where + ": '" + found->key + "' " + found->effect + " and '" + kind.key +
                        "' " + kind.effect + "; keep one");
    found = &kind;
  }
  if (!found) bad(root, std::string("task ") + task_name(task) + " needs " + offers + "; add it");
  if (task == Task::evaluate && !found->instead_of_evaluate.empty())
    throw ConfigError(root.find(found->key)->key_where + ": task evaluate needs 'model', not '" + found->key +
                      "'; " + found->instead_of_evaluate);
  return *found;
}

}  // namespace odeon::host
