// A flow with its θ as it is now: what it says of rows, what it draws, and how that is reported.
#pragma once
#include "experiment/ranks.hpp"
#include "experiment/tasks.hpp"
#include "train/field_runner.hpp"
#include "train/flow_density.hpp"
#include "train/flow_plan.hpp"
#include "train/random.hpp"

namespace odeon::host {

// Streams of random numbers of a flow's seed; that of a step's probe is kProbes + the steps before it, so
// that a run which resumes draws the same.
enum : uint64_t { kSamples = 1, kHeldOutProbe = 2, kProbes = 16 };

// [rows, columns] of independent numbers of mean 0 and variance 1.
Array drawn(int64_t rows, int64_t columns, Random random, Probe kind);

double mean(const std::vector<double>& values);

class TrainedFlow {
 public:
  // ranks: that share the held-out rows of `held_out_nll`.
  TrainedFlow(std::shared_ptr<Backend> backend, const FlowPlan& plan, Ranks& ranks, int32_t dtype,
              uint64_t seed);

  FieldRunner& field() { return field_; }
  double held_out_nll();
  double bits_per_dimension(double nats) const;
  // Metrics, held-out rows with their log-densities, samples, picture and summary into a result that has a
  // record.
  void report(RunResult& result);

 private:
  // Of rows as the flow sees them, in the data's units. ranks: that share the rows.
  std::vector<double> log_density(const Array& rows, Ranks& ranks);
  std::vector<double> log_density(const Array& rows);  // all of them here
  Array in_data_units(const Array& rows) const;
  Array draw_samples();
  std::string picture(const Array& samples);
  void add_drawings(RunResult& result);

  const FlowPlan& plan_;
  Ranks& ranks_;
  uint64_t seed_;
  bool exact_;  // whether densities are by the exact trace
  FlowDensity density_;
  FieldRunner field_;
};

}  // namespace odeon::host
