// The configuration of a trajectory fit, read and checked as a whole.
#pragma once
#include "experiment/fit.hpp"
#include "experiment/sections.hpp"
#include "train/optimizer.hpp"
#include "train/schedule.hpp"

namespace odeon::host {

extern const odeon_option kTrajectorySection;

// The `data` section of format trajectory.
struct TrajectoryData {
  FieldChoice truth;
  Array initial;  // [1, state]
  std::string initial_where;
  std::vector<double> times;
  ComponentChoice solver;
  int64_t window;  // times per training sequence

  int64_t starts() const { return static_cast<int64_t>(times.size()) - window; }
};

struct TrajectoryPlan {
  TrainSettings train;
  TrajectoryData data;
  OptimizerSettings optimizer;
  FieldChoice field;
  ComponentChoice gradient;
  FittedParts truth, fitted;
};

// Throws ConfigError.
TrajectoryPlan read_trajectory_plan(const Experiment& experiment, const Registry& registry);

}  // namespace odeon::host
