// One gradient by several strategies: errors against the exact one, costs, and which to use.
#pragma once
#include <string>
#include <vector>

#include "engine/counters.hpp"
#include "experiment/experiment.hpp"

namespace odeon::host {

// A strategy's part of the comparison.
struct GradientCost {
  std::string id;
  std::string refusal;                             // why it gave no gradient, in one line; empty: it did
  double error_initial = 0, error_parameters = 0;  // largest difference over the largest element
  Counters forward, backward;
  int64_t tape_peak_bytes = 0;
  double seconds = 0;  // forward and backward

  double error() const;  // the larger one; infinite for a gradient with elements that are not finite
};

struct GradientComparison {
  std::vector<GradientCost> rows;
  std::string reference;  // what the errors are measured against, as a phrase
  double bound = 0;       // errors up to it are small beside what the solver itself does
  std::string bound_text;
  bool has_parameters = false;
  bool fixed_steps = false;  // of the experiment's solver

  std::string text() const;  // table and recommendation
  std::string csv() const;
  std::string svg() const;  // error against time
};

// ids: of the strategies, empty: every one that is installed. A strategy that the configuration names gets
// its options from there, others their defaults. Writes compare.csv and compare.svg into `folder`, unless it
// is empty. Throws ConfigError for another task, PluginError for an id that is not installed, RunError when
// no strategy works.
GradientComparison compare_gradients(const ExperimentSource& source, std::vector<std::string> ids,
                                     const std::string& folder);

}  // namespace odeon::host
