// Three leapfrog steps of which the middle one goes backwards: order 4, symplectic, three evaluations per
// step. H. Yoshida, Phys. Lett. A 150 (1990) 262-268; E. Forest, R. D. Ruth, Physica D 43 (1990) 105-117.
#include "second_order/drift_kick.hpp"

namespace {

using namespace odeon;

constexpr double kOuter = 1.3512071919596576340476878089715, kInner = 1 - 2 * kOuter;  // 1 / (2 - cbrt 2)
constexpr DriftKick<3> kMethod{
    .c = {kOuter / 2, (kOuter + kInner) / 2, (kInner + kOuter) / 2, kOuter / 2},
    .d = {kOuter, kInner, kOuter},
};
constexpr odeon_solver_api kSolver =
    StepSolverApi<DriftKickSolver<3, kMethod>>::table(kDriftKickCapabilities, 4);
constexpr odeon_component kComponent =
    make_component(ODEON_KIND_SOLVER,
                   {str("yoshida4"), str("Yoshida 4"),
                    str("Symplectic, order 4, for second-order systems: each row a state [q, v] with dq/dt = "
                        "v and dv/dt = a(t, q).")},
                   &kSolver);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
