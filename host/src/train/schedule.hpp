// The `train` section.
#pragma once
#include <string>
#include <vector>

#include "experiment/experiment.hpp"
#include "experiment/sections.hpp"

namespace odeon::host {

struct TrainSettings {
  int64_t epochs = 10, batch = 64;  // batch: rows of a step; of all ranks together
  std::vector<std::pair<int64_t, double>>
      schedule;                      // from this epoch on, the learning rate times this factor
  int64_t checkpoint_every = 0;      // epochs; 0: only at the end
  std::string resume, resume_where;  // checkpoint to go on from, and its place; or empty
  bool shuffle = true;

  double factor(int64_t epoch) const;
};

extern const odeon_option kTrainSection;

// Of one process. Throws ConfigError.
TrainSettings read_train(const ConfigNode* node);
// Of the experiment's ranks, each of which takes the `batch` of the configuration.
TrainSettings read_train(const Experiment& experiment);

// Throws ConfigError unless a batch fits into the rows that there are. rows: "12 training rows".
void check_batch(const Experiment& experiment, const TrainSettings& train, int64_t most,
                 const std::string& rows);

}  // namespace odeon::host
