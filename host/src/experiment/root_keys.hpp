// The keys of a configuration's root: those that mean something in each task.
#pragma once
#include "experiment/experiment.hpp"
#include "experiment/sections.hpp"
#include "train/training.hpp"

namespace odeon::host {

extern const odeon_option kTaskKey, kPrecisionKey, kSeedKey, kOutputKey, kDenseKey, kPluginsKey, kPolicyKey,
    kLossKey, kLossEventSection;

// Of a task; kind: what is trained, of the tasks train and evaluate.
std::vector<const odeon_option*> keys_of(Task task, const TrainedKind* kind);
// Of a --with file.
Keys deployment_keys();
// Of all tasks, each name once.
std::vector<std::string> all_root_keys();

// Throws ConfigError for keys that nobody knows or that have no effect in the task.
void check_task_keys(const ConfigNode& root, Task task);

inline bool trains(Task task) { return task == Task::train || task == Task::evaluate; }

}  // namespace odeon::host
