// The halves f_implicit and f_explicit of a problem's field, for additive steps: f = f_implicit + f_explicit.
#pragma once
#include "engine/problem.hpp"

namespace odeon::host {

class FieldHalves {
 public:
  explicit FieldHalves(odeon_problem& problem);

  // Each counts as an evaluation of its half.
  void eval_implicit(double t, const odeon_tensor& y, const odeon_tensor& dy);
  void eval_explicit(double t, const odeon_tensor& y, const odeon_tensor& dy);
  // Ju = d f_implicit / dy (t, y) u.
  void jvp(double t, const odeon_tensor& y, const odeon_tensor& u, const odeon_tensor& Ju);

 private:
  void run(GraphProgram& program, double t, std::span<const odeon_tensor> inputs, const odeon_tensor& out);

  odeon_problem& p_;
  GraphProgram implicit_, explicit_, implicit_jvp_;
};

}  // namespace odeon::host
