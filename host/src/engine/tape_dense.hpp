// The odeon_dense of the C ABI (ext/engine.h): a solution as a function of time in backend memory that counts
// as tape. Each step is the values of its polynomial at Chebyshev points, in the run's precision; the last
// one is the next step's first. Evaluated by one sum on the device, without a look at the host's side of it.
#pragma once
#include <vector>

#include "engine/stepper.hpp"

// In the global namespace because C names it so.
struct odeon_dense {
  // Outlives the solve, not the base problem whose tape it is.
  explicit odeon_dense(odeon_problem& problem);
  ~odeon_dense();
  odeon_dense(const odeon_dense&) = delete;
  odeon_dense& operator=(const odeon_dense&) = delete;

  void begin(double t, const odeon_tensor& y);
  // Of the last trial, which was accepted, the part up to x = (t - t0) / h, which ends at t1.
  void add(odeon::host::Stepper& stepper, double x, double t1);

  void eval(double t, const odeon_tensor& out);
  const std::vector<double>& times() const { return times_; }

 private:
  odeon_tensor& next_node();

  std::shared_ptr<odeon::host::Backend> backend_;
  odeon::host::TapeMeter* tape_;
  odeon_tensor state_;  // no data
  odeon::host::Dense dense_;
  int degree_;
  std::vector<double> times_;         // step ends, [steps + 1]
  std::vector<odeon_tensor> values_;  // [steps * degree + 1]
  std::vector<odeon::host::Buffer> memory_;
  int64_t free_states_ = 0;  // in the last buffer
  std::vector<double> weights_;
};
