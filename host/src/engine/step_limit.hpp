// Why a solve cannot go on, in words.
#pragma once
#include <string>
#include <utility>

#include "engine/problem.hpp"

namespace odeon::host {

struct StepLimit {
  bool steps_spent;        // max_steps was reached; otherwise the step is too small
  double h, error;         // of the last trial; error NaN: something was not finite
  const char* reason;      // why the last trial could not be taken; NULL: it was
  double stability_ratio;  // Stepper::stability_ratio of it
  bool unbounded;          // the solution has grown beyond all proportion
};

// Reason and remedy.
std::pair<std::string, std::string> explain(const StepLimit& limit, const SolverChoice& solver);

// Of a solve that StiffnessWatch found hopeless: reason and remedy. steps: how many more it would take.
std::pair<std::string, std::string> explain_stiffness(double steps, const SolverChoice& solver);

// Of given steps that led to a state which is not finite, seen at a requested time: reason and remedy.
std::pair<std::string, std::string> explain_lost(double time, const SolverSettings& settings);

// How this configuration can have shorter steps: by the option that it has, such as "use a smaller
// step_size".
std::string shorter_steps(const SolverSettings& settings);

}  // namespace odeon::host
