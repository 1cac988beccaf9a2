// Refuses to begin where there is nothing to do.
#include "heun.hpp"

namespace {
struct Dividing : Heun {
  using Heun::Heun;
  void start(const odeon::StepProblem& problem, bool again, double t0, double t_end, const odeon_tensor& y0) {
    if (t_end == t0) throw odeon::Error("the span is empty");
    Heun::start(problem, again, t0, t_end, y0);
  }
};
}  // namespace

SPECIMEN_HEUN(Dividing)
