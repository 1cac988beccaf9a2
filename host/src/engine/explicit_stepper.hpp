// Explicit Runge-Kutta steps: each stage from those before it.
#pragma once
#include "engine/stage_stability.hpp"
#include "engine/tableau_stepper.hpp"

namespace odeon::host {

class ExplicitStepper final : public TableauStepper {
 public:
  explicit ExplicitStepper(odeon_problem& problem);
  Trial attempt(double t, double h, bool want_error) override;
  double stability_ratio() override;

 private:
  StageStability stability_;
};

}  // namespace odeon::host
