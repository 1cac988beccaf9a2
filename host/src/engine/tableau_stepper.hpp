// What explicit and implicit Runge-Kutta steps share: the stages' derivatives and all that is a sum of them.
#pragma once
#include <utility>

#include "engine/step_arithmetic.hpp"
#include "engine/stepper.hpp"
#include "engine/workspace.hpp"

namespace odeon::host {

class TableauStepper : public Stepper {
 public:
  explicit TableauStepper(odeon_problem& problem);

  void begin(double t, double t_end) override;
  // Begins with the derivative that a step which ended at t has left.
  void begin_at(double t);
  double first_step(double direction) override;
  Dense interpolate_by(Dense dense) override { return std::exchange(dense_, dense); }
  void prepare_interpolation() override;
  void interpolate(double x, const odeon_tensor& out) override;
  bool interpolate_slope(double x, const odeon_tensor& out) override;
  void add_quadrature(double x, const odeon_tensor& total) override;
  void describe(odeon_step_record& record) override;
  void advance() override;

 protected:
  odeon_tensor& y() { return w_.y[0]; }
  odeon_tensor& y1() { return w_.y[1]; }
  // k[stage] = f(t, at), and the integrand where it has a weight.
  void eval(double t, const odeon_tensor& at, size_t stage);
  // k[stage] += the explicit half at (t, at), of an additive step whose implicit half is there.
  void add_explicit_half(double t, const odeon_tensor& at, size_t stage);
  // f(t0, y0) into its entry of k, unless the step before left it there.
  void need_begin_derivative();

  odeon_problem& p_;
  odeon_problem::Workspace& w_;
  const Method& m_;
  StepArithmetic math_;
  size_t stages_;
  double t_ = 0, h_ = 0;
  int32_t end_derivative_ = -1;  // index in k of f(t1, y1) of the last trial
  size_t begin_index_;           // in k, of f(t0, y0)
  bool have_begin_ = false;      // it is there

 private:
  std::span<const double> dense_weights(double x, bool derivative = false);

  Dense dense_;
  bool from_before_ = false;  // the step before evaluated it as its end
};

}  // namespace odeon::host
