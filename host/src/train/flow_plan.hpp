// The configuration of a normalizing flow, read and checked as a whole.
#pragma once
#include "experiment/fit.hpp"
#include "train/flow_data.hpp"
#include "train/optimizer.hpp"
#include "train/regularisers.hpp"
#include "train/schedule.hpp"

namespace odeon::host {

// An exact trace takes a reverse product per dimension in every evaluation; beyond this the densities of
// held-out rows are estimated too.
constexpr int64_t kLargestExactTrace = 32;

enum class Probe { rademacher, gaussian };

struct FlowPlan {
  TrainSettings train;
  OptimizerSettings optimizer;
  FlowData data;
  FieldChoice field;
  ComponentChoice gradient;
  FittedParts parts;          // field and solver for rows of the data, without what is carried beside them
  std::vector<double> times;  // where the data is, where the base distribution is
  Trace trace = Trace::exact;
  Probe probe = Probe::rademacher;
  Regularisers regularisers;
  int64_t samples = 1000;  // drawn when training is over
};

extern const odeon_option kFlowSection;

// Throws ConfigError.
FlowPlan read_flow_plan(const Experiment& experiment, const Registry& registry);

}  // namespace odeon::host
