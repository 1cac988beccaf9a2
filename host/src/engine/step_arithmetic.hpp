// The vector arithmetic of a Runge-Kutta step on a problem's work space: sums of stages and scaled norms.
#pragma once
#include <span>
#include <vector>

#include "engine/problem.hpp"

namespace odeon::host {

class StepArithmetic {
 public:
  explicit StepArithmetic(odeon_problem& problem);

  // z = base + h sum_i c_i x_i without the terms of weight zero; base may be null.
  void combine(const odeon_tensor& z, const odeon_tensor* base, double h, std::span<const double> c,
               std::span<const odeon_tensor> x);
  // The largest norm over the problem's parts of scale * sum_i c_i x_i, scaled with the tolerances at a, or
  // at the larger of a and b.
  double scaled_norm(double scale, std::span<const double> c, std::span<const odeon_tensor> x,
                     const odeon_tensor& a, const odeon_tensor* b);
  // Of the step of a tableau from y[0] to y[1] with the stages k, and of the quadrature where it counts.
  double error_of_step(double h);
  // The quadrature's part of it; 0 where it does not count.
  double error_of_quadrature(double h);
  bool is_finite(const odeon_tensor& x);
  double dot(const odeon_tensor& a, const odeon_tensor& b);
  // Many orders of magnitude above where it began.
  bool grows_without_bound(const odeon_tensor& x, const odeon_tensor& began);
  static bool grows_without_bound(double norm, double began);  // by Euclidean norms

 private:
  double norm(double scale, size_t n, const odeon_tensor& a, const odeon_tensor* b, double* result);
  int32_t rank() const;  // of a part

  odeon_problem& p_;
  odeon_problem::Workspace& w_;
  const SolverSettings& s_;
};

}  // namespace odeon::host
