// Two solvers of one name.
#include "specimen.hpp"

constexpr odeon_component kSolver =
    specimen::component(ODEON_KIND_SOLVER, specimen::str("twin"), &specimen::kSolver);
constexpr const odeon_component* kComponents[] = {&kSolver, &kSolver};
extern "C" ODEON_EXPORT const odeon_plugin odeon_plugin_v1;
const odeon_plugin odeon_plugin_v1 = odeon::make_plugin(specimen::str("specimen"), kComponents);
