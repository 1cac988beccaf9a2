// A row of a batch that steps on its own, in a slot of RowVectors.
#pragma once
#include <cmath>

#include "engine/step_control.hpp"
#include "engine/stiffness_watch.hpp"

namespace odeon::host {

struct RowSlot {
  int64_t row;
  double t, h;  // h 0: done, and carried along until the batch shrinks
  StepControl control;
  size_t next = 1;  // time not yet written
  int64_t tried = 0;
  double error = 0;
  StiffnessWatch stiffness{};
  double stability_ratio = 0;  // of the last step that was looked at

  bool done() const { return h == 0; }
  bool too_small(double step, const SolverSettings& s) const {
    return t + step == t || std::abs(step) < s.min_step;
  }
  // Whether stiffness is looked for in the step just tried: now and then in accepted ones, and in what may be
  // the last one, since a failure wants its reason.
  bool worth_a_look(bool accepted, const SolverSettings& s) const {
    if (done()) return false;
    if (tried + 1 >= s.max_steps) return true;
    return accepted ? stiffness.due() : too_small(s.min_factor * h, s);
  }
};

}  // namespace odeon::host
