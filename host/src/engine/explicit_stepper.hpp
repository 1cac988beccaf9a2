// Explicit Runge-Kutta steps: each stage from those before it.
#pragma once
#include "engine/tableau_stepper.hpp"

namespace odeon::host {

class ExplicitStepper final : public TableauStepper {
 public:
  explicit ExplicitStepper(odeon_problem& problem);
  Trial attempt(double t, double h, bool want_error) override;
  double stability_ratio() override;

 private:
  std::vector<double> between_;  // weights of the difference of the last two stages' arguments
};

}  // namespace odeon::host
