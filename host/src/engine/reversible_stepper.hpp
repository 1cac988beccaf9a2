// Steps of a solver by code whose steps can be taken back (ext/reversible.h).
#pragma once
#include <odeon/ext/reversible.h>

#include <functional>
#include <vector>

#include "data/error.hpp"
#include "engine/code_stepper.hpp"

namespace odeon::host {

// What is thrown for solvers that cannot. solver: "solver 'dopri5'".
ConfigError not_reversible(const std::string& solver);

class ReversibleStepper final : public CodeStepper {
 public:
  explicit ReversibleStepper(odeon_problem& problem, Trace* trace = nullptr);

  // Called before it begins, and begins again; may be empty.
  std::function<void(double t, double t_end)> before_begin;
  void begin(double t, double t_end) override;

  // What the solver carries from step to step, the state first; borrowed until it is called again.
  std::vector<odeon_tensor> carried();
  void resume(double t, std::span<const odeon_tensor> vectors);
  // scratch: a state.
  void step_back(double t0, double h, const odeon_tensor& scratch);

 private:
  const odeon_solver_reversible_api* reversible_;
};

}  // namespace odeon::host
