// Another stepper for the time of one solve.
#pragma once
#include "engine/stepper.hpp"

namespace odeon::host {

class StepperOverride {
 public:
  StepperOverride(odeon_problem& problem, std::unique_ptr<Stepper> stepper)
      : problem_(problem), other_(std::move(stepper)) {
    std::swap(problem_.stepper, other_);
  }
  ~StepperOverride() { std::swap(problem_.stepper, other_); }
  StepperOverride(const StepperOverride&) = delete;
  StepperOverride& operator=(const StepperOverride&) = delete;

 private:
  odeon_problem& problem_;
  std::unique_ptr<Stepper> other_;
};

}  // namespace odeon::host
