// Keeps every accepted step of a solve as a polynomial.
#pragma once
#include <odeon/host/dense_solution.hpp>

#include "data/array.hpp"
#include "engine/stepper.hpp"

namespace odeon::host {

class DenseRecorder {
 public:
  explicit DenseRecorder(const odeon_problem& problem);

  // The steps that follow are those of all rows together, or of the next row alone.
  void begin(double t);
  // Of the last trial, which was accepted, the part up to x = (t - t0) / h, which ends at t1.
  void add(odeon_problem& problem, Stepper& stepper, double x, double t1);
  DenseSolution& solution() { return solution_; }

 private:
  DenseSolution solution_;
  DeviceTensor at_node_;
  Array staged_;
};

}  // namespace odeon::host
