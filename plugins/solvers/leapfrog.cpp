// Leapfrog, the Stormer-Verlet method as drift, kick, drift: order 2, symplectic, one evaluation per step.
// E. Hairer, C. Lubich, G. Wanner, Acta Numerica 12 (2003) 399-450, (1.17).
#include "second_order/drift_kick.hpp"

namespace {

using namespace odeon;

constexpr DriftKick<1> kMethod{.c = {1. / 2, 1. / 2}, .d = {1}};
constexpr odeon_solver_api kSolver =
    StepSolverApi<DriftKickSolver<1, kMethod>>::table(kDriftKickCapabilities, 2);
constexpr odeon_component kComponent =
    make_component(ODEON_KIND_SOLVER,
                   {str("leapfrog"), str("Leapfrog"),
                    str("Symplectic, order 2, for second-order systems: each row a state [q, v] with dq/dt = "
                        "v and dv/dt = a(t, q).")},
                   &kSolver);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
