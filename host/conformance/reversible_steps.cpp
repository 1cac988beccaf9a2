// Asynchronous leapfrog: k = z0 + h/2 v0, v1 = 2 f(t0 + h/2, k) - v0, z1 = k + h/2 v1; order 2, and the step
// with -h is its inverse. U. Mutze, arXiv:1311.6602 (2013).
#include "conformance/reversible_steps.hpp"

#include <odeon/sdk/step_solver.hpp>

namespace odeon::host::conformance {
namespace {

class ReversibleSteps {
 public:
  ReversibleSteps(const odeon_host*, const Options&) {}

  void start(const StepProblem& problem, bool again, double t0, double, const odeon_tensor& y0) {
    problem_ = problem;
    if (!again) x_ = StateVectors(problem, 3);
    t_ = t0;
    problem_.copy(x_[0], y0);
    problem_.eval(t0, y0, x_[1]);
  }

  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    const odeon_tensor &z = x_[0], &v = x_[1], &u = x_[2];
    const double reflect[] = {-1, 2};
    const odeon_tensor velocities[] = {v, u};
    problem_.add(z, z, h / 2, v);
    problem_.eval(t_ + h / 2, z, u);
    problem_.lincomb(v, nullptr, 1, reflect, velocities);
    problem_.add(z, z, h / 2, v);
    problem_.copy(y1, z);
    t_ = result.t1;
  }

  std::array<odeon_tensor, 2> carried() { return {x_[0], x_[1]}; }
  void stand_at(double t) { t_ = t; }

 private:
  StepProblem problem_;
  StateVectors x_;  // z, v, and a slope
  double t_ = 0;
};

constexpr odeon_solver_api kSolver = StepSolverApi<ReversibleSteps>::table(ODEON_SOLVER_REVERSIBLE, 2);

}  // namespace

extern constexpr odeon_component kReversibleSteps = make_component(
    ODEON_KIND_SOLVER,
    {str("conformance_reversible"), str("Reversible steps"), str("Of the conformance kit.")}, &kSolver);

}  // namespace odeon::host::conformance
