// Rows solved from the data to the base distribution N(0, I) together with what an augmentation adds to them:
// their log-density log p(x) = log N(z) - a(t1), da/dt = -tr(df/dy), and its gradient by θ.
#pragma once
#include <map>

#include "experiment/fit.hpp"
#include "train/ode_block.hpp"
#include "train/regularisers.hpp"

namespace odeon::host {

class FlowDensity {
 public:
  FlowDensity(std::shared_ptr<Backend> backend, const FittedParts& parts, const Augmentation& augmentation,
              std::vector<double> times, int32_t dtype);
  ~FlowDensity();

  struct Rows {
    std::vector<double> log_density, kinetic, jacobian;  // of each row; the last two empty unless asked for
  };
  // x [rows, d]; probe: [rows, d] for an estimated trace, else empty. theta: NULL data for a field without.
  Rows evaluate(const Array& x, const Array& probe, const odeon_tensor& theta);

  // The loss mean(-log p) + kinetic mean(kinetic) + jacobian mean(jacobian), and its gradient by θ.
  Rows differentiate(const Array& x, const Array& probe, const odeon_tensor& theta, Gradient& gradient,
                     const Regularisers& weights, const odeon_tensor& gtheta);

  Counters forward, backward;
  int64_t tape_peak = 0;  // bytes

 private:
  struct Batch;  // block and buffers for one number of rows
  Batch& batch_of(int64_t rows);
  Array start(const Array& x, const Array& probe) const;
  Rows meaning_of(const Array& end) const;

  std::shared_ptr<Backend> backend_;
  AugmentedRow at_;
  std::shared_ptr<Field> field_;
  SolverChoice solver_;
  std::vector<double> times_;
  double direction_;  // of time: regularisers are positive whichever way it runs
  int32_t dtype_;
  std::map<int64_t, std::unique_ptr<Batch>> batches_;
};

}  // namespace odeon::host
