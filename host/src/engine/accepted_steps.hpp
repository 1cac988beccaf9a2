// The steps that a solve took, so that another problem with the same times takes them again.
#pragma once
#include <odeon/ext/engine.h>

#include <vector>

namespace odeon::host {

// Fields as in odeon_step_record.
struct AcceptedStep {
  double t0, h;
  int64_t t0_anchor, t1_anchor;
};

// Solves; args.on_step is taken.
std::vector<AcceptedStep> accepted_steps(odeon_problem& problem, const odeon_solve_args& args);

}  // namespace odeon::host
