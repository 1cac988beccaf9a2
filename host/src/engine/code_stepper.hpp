// Steps of a solver that takes them by code (solver.h): its instance, the services that the host gives it,
// and what the host does for it: values between steps without `interpolate`, quadratures.
#pragma once
#include <memory>
#include <utility>

#include "engine/linear_systems.hpp"
#include "engine/predictive_control.hpp"
#include "engine/step_arithmetic.hpp"
#include "engine/stepper.hpp"

namespace odeon::host {

class Trace;

class CodeStepper : public Stepper {
 public:
  // trace: sees what the solver does; NULL: not wanted.
  explicit CodeStepper(odeon_problem& problem, Trace* trace = nullptr);
  ~CodeStepper() override;

  void begin(double t, double t_end) override;
  double first_step(double direction) override;
  Trial attempt(double t, double h, bool want_error) override;
  Dense interpolate_by(Dense dense) override { return std::exchange(dense_, dense); }
  void prepare_interpolation() override;
  void interpolate(double x, const odeon_tensor& out) override;
  void add_quadrature(double x, const odeon_tensor& total) override;
  void describe(odeon_step_record&) override {}
  double stability_ratio() override;
  void advance() override;

  const odeon_solver_problem_api& services() const { return services_; }  // as the instance sees the problem

 protected:
  odeon_solver* solver() const { return solver_; }
  const odeon_solver_api& api() const { return api_; }
  const std::string& name() const { return name_; }

 private:
  struct Services;
  LinearSystems& systems();  // made when first asked for

  // f at the beginning or the end, as the solver would evaluate it.
  void eval(double t, const odeon_tensor& y, const odeon_tensor& dy);

  odeon_problem& p_;
  odeon_problem::Workspace& w_;
  Trace* trace_;
  StepArithmetic math_;
  PredictiveControl control_;
  const odeon_solver_api& api_;
  std::string name_;  // "solver 'adams'", for messages
  Dense dense_;
  odeon_solver* solver_ = nullptr;
  odeon_solver_problem_api services_{};
  std::unique_ptr<LinearSystems> systems_;
  Eigen::VectorXd residual_, solution_;
  std::string reason_;  // why the last trial could not be taken
  double t_ = 0, h_ = 0;
  int32_t order_ = 0;       // of the last trial
  bool have_ends_ = false;  // derivatives at both ends of the last trial
};

}  // namespace odeon::host
