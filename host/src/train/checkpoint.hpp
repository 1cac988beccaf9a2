// What a training run needs to go on to the same bits; one safetensors file.
#pragma once
#include <string>

#include "data/safetensors.hpp"
#include "experiment/experiment.hpp"
#include "train/schedule.hpp"

namespace odeon::host {

struct Checkpoint {
  Array parameters;            // flat θ
  std::vector<Array> moments;  // of the optimiser
  int64_t steps = 0;           // of the optimiser
  int64_t epochs = 0;          // done
  std::string history;         // history.csv so far
};

std::vector<NamedArray> format_checkpoint(const Checkpoint& checkpoint);

// Throws RunError when the file is no checkpoint of a run with this many parameters and moments.
Checkpoint read_checkpoint(const std::string& path, int64_t parameters, size_t moments, int32_t dtype);

// Task evaluate measures what `train.resume` names. Throws ConfigError where it names nothing.
void require_checkpoint(const Experiment& experiment, const TrainSettings& train);

// The checkpoint that `train.resume` names. Throws ConfigError with its place.
Checkpoint resume_from(const TrainSettings& train, int64_t parameters, size_t moments, int32_t dtype);

}  // namespace odeon::host
