// SUNDIALS' CVODE: Adams-Moulton of orders 1 to 12 and BDF of orders 1 to 5, variable steps, its own step
// control. A. C. Hindmarsh et al., ACM TOMS 31 (2005) 363-396; S. D. Cohen, A. C. Hindmarsh, Computers in
// Physics 10 (1996) 138-143. The batch is one vector in host memory, whatever the backend; its history cannot
// be saved.
#include <memory>
#include <string>

#include "cvode/integrator.hpp"

namespace {

using namespace odeon;

constexpr odeon_str kMethods[] = {str("bdf"), str("adams")};
constexpr odeon_option kMethod =
    with_choices(make_option(ODEON_OPTION_CHOICE, str("method"), str("bdf"),
                             str("bdf, with Newton's iteration, for stiff problems; adams, with fixed-point "
                                 "iteration, for others.")),
                 kMethods);
constexpr odeon_option kMaxOrder =
    ranged(make_option(
               ODEON_OPTION_INT, str("max_order"), kNoText,
               str("The highest order; when absent, 5 for bdf and 12 for adams, which have no higher ones.")),
           1, 12);
constexpr const odeon_option* kOptions[] = {&kMethod, &kMaxOrder};

class Cvode {
 public:
  Cvode(const odeon_host*, const Options& options) {
    choice_.bdf = options.text("method") == "bdf";
    const int most = choice_.max_order = choice_.bdf ? 5 : 12;
    if (!options.given("max_order")) return;
    choice_.max_order = static_cast<int>(options.integer("max_order"));
    if (choice_.max_order > most)
      throw Error("'max_order' is " + std::to_string(choice_.max_order) +
                      ", but bdf has orders up to 5; lower it, or choose method adams",
                  ODEON_E_INVALID, options.at("max_order").mark);
  }

  void start(const StepProblem& problem, bool again, double t0, double t_end, const odeon_tensor& y0) {
    if (again)
      integrator_->restart(t0, t_end, y0);
    else
      integrator_ = std::make_unique<cvode::Integrator>(choice_, problem, t0, t_end, y0);
  }
  void step(double h, const odeon_tensor& y1, odeon_step_result& result) { integrator_->step(h, y1, result); }
  void interpolate(double t, const odeon_tensor& out) { integrator_->interpolate(t, out); }

 private:
  cvode::Choice choice_;
  std::unique_ptr<cvode::Integrator> integrator_;
};

// The first step has order 1, so that its error is O(h^2).
constexpr odeon_solver_api kSolver =
    StepSolverApi<Cvode>::table(ODEON_SOLVER_STIFF | ODEON_SOLVER_OWN_STEPS, 5, 2);
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_SOLVER,
    {str("cvode"), str("SUNDIALS CVODE"),
     str("BDF of orders 1 to 5 or Adams of orders 1 to 12 with the step control of SUNDIALS. Hindmarsh et "
         "al., ACM TOMS 31 (2005). For stiff problems and long integrations.")},
    &kSolver, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
