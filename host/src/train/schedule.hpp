// The `train` section.
#pragma once
#include <string>
#include <vector>

#include "experiment/config_node.hpp"

namespace odeon::host {

struct TrainSettings {
  int64_t epochs = 10, batch = 64;
  std::vector<std::pair<int64_t, double>>
      schedule;                      // from this epoch on, the learning rate times this factor
  int64_t checkpoint_every = 0;      // epochs; 0: only at the end
  std::string resume, resume_where;  // checkpoint to go on from, and its place; or empty
  bool shuffle = true;

  double factor(int64_t epoch) const;
};

// Throws ConfigError.
TrainSettings read_train(const ConfigNode* node);

}  // namespace odeon::host
