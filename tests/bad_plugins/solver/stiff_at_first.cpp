// Begins as methods for stiff problems do, and goes on as one for others.
#include "heun.hpp"

namespace {
struct Tiring : Heun {
  using Heun::Heun;
  bool first = true;
  void start(const StepProblem& problem, bool again, double t0, double t_end, const odeon_tensor& y0) {
    Heun::start(problem, again, t0, t_end, y0);
    first = true;
  }
  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    Heun::step(h, y1, result);
    if (!first) return;
    problem_.linearize(t_, begin());
    problem_.solve_shifted(h, k1(), k1());
    problem_.copy(k2(), k1());
    combine(y1, h, 0);
    problem_.copy(end(), y1);
  }
  void accept() {
    Heun::accept();
    first = false;
  }
  void archive(Archive& a) {
    Heun::archive(a);
    a.value(first);
  }
};
}  // namespace

SPECIMEN_SOLVER(Tiring, ODEON_SOLVER_ESTIMATES | ODEON_SOLVER_STIFF, 2)
