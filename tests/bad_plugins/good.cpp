// In order; what stands beside a bad one must still load.
#include "specimen.hpp"

constexpr odeon_component kSolver =
    specimen::component(ODEON_KIND_SOLVER, specimen::str("good"), &specimen::kSolver);
SPECIMEN_PLUGIN(kSolver, [](odeon_plugin&) {})
