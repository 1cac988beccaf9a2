// Velocity Verlet, the Stormer-Verlet method as kick, drift, kick: order 2, symplectic, one evaluation per
// step, whose acceleration the next step begins with. W. C. Swope, H. C. Andersen, P. H. Berens, K. R.
// Wilson, J. Chem. Phys. 76 (1982) 637-649; E. Hairer, C. Lubich, G. Wanner, Acta Numerica 12 (2003) 399-450,
// (1.16).
#include <odeon/sdk/plugin.hpp>

#include "second_order/halves.hpp"

namespace {

using namespace odeon;

class VelocityVerlet {
 public:
  VelocityVerlet(const odeon_host*, const Options&) {}

  void start(const StepProblem& problem, bool again, double t0, double, const odeon_tensor& y0) {
    problem_ = problem;
    if (!again) {
      y_ = StateVectors(problem, 3);
      halves_ = Halves(problem);
      halves_.require_second_order(t0, y0);
    }
    problem_.copy(y_[0], y0);
    problem_.eval(t0, y0, y_[1]);
  }

  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    const odeon_tensor &before = y_[1], &after = y_[2];
    problem_.copy(y1, y_[0]);
    halves_.kick(y1, h / 2, before);
    halves_.drift(y1, h);
    problem_.eval(result.t1, y1, after);
    halves_.kick(y1, h / 2, after);
    problem_.copy(y_[0], y1);
    std::swap(y_[1], y_[2]);
  }

  std::array<odeon_tensor, 2> carried() { return {y_[0], y_[1]}; }
  void stand_at(double) {}

  void archive(Archive& archive) {
    archive.vector(y_[0]);
    archive.vector(y_[1]);
  }

 private:
  StepProblem problem_;
  StateVectors y_;  // the state, its derivative, and scratch for the next one
  Halves halves_;
};

constexpr odeon_solver_api kSolver = StepSolverApi<VelocityVerlet>::table(
    ODEON_SOLVER_SECOND_ORDER | ODEON_SOLVER_SYMPLECTIC | ODEON_SOLVER_REVERSIBLE, 2);
constexpr odeon_component kComponent =
    make_component(ODEON_KIND_SOLVER,
                   {str("velocity_verlet"), str("Velocity Verlet"),
                    str("Symplectic, order 2, for second-order systems: each row a state [q, v] with dq/dt = "
                        "v and dv/dt = a(t, q).")},
                   &kSolver);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
