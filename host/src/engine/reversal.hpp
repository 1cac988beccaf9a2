// The odeon_reversal of the C ABI (ext/engine.h): a solve that is taken back step by step. In tape memory it
// is what the solver carries where the solve ended, in host memory two numbers for each step.
#pragma once
#include <memory>
#include <vector>

#include "engine/problem.hpp"
#include "engine/trace.hpp"

// In the global namespace because C names it so.
struct odeon_reversal {
  struct Step {
    double t0, h;
  };
  struct Observation {
    size_t step;
    odeon_observation place;
  };
  // Steps without a restart of the solver, which breakpoints cause, between them.
  struct Segment {
    double t0, t_end;                                               // as `start` got them
    size_t first;                                                   // of its steps
    std::vector<std::unique_ptr<odeon::host::TapeBuffer>> carried;  // behind its last step
  };

  std::vector<Step> steps;
  std::vector<Observation> observations;  // all but that of the first time
  std::vector<Segment> segments;
};

namespace odeon::host {

// Throws ConfigError for a solver whose steps cannot be taken back.
std::unique_ptr<odeon_reversal> solve_reversibly(odeon_problem& problem, const odeon_solve_args& args);

// See odeon_engine_api.reversal_run.
void run_reversal(odeon_problem& problem, const odeon_reversal& reversal, const odeon_reversal_args& args);

}  // namespace odeon::host
