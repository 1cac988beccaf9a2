// Explicit Runge-Kutta steps: each stage from those before it.
#pragma once
#include "engine/tableau_stepper.hpp"

namespace odeon::host {

class ExplicitStepper final : public TableauStepper {
 public:
  using TableauStepper::TableauStepper;
  Trial attempt(double t, double h, bool want_error) override;
};

}  // namespace odeon::host
