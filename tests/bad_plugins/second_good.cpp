// In order by itself, but it claims an id that `good` has.
#include "specimen.hpp"

constexpr odeon_component kSolver =
    specimen::component(ODEON_KIND_SOLVER, specimen::str("good"), &specimen::kSolver);
SPECIMEN_PLUGIN(kSolver, [](odeon_plugin&) {})
