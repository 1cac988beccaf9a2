// Another magic number.
#include "specimen.hpp"

constexpr odeon_component kSolver =
    specimen::component(ODEON_KIND_SOLVER, specimen::str("specimen"), &specimen::kSolver);
SPECIMEN_PLUGIN(kSolver, [](odeon_plugin& p) { p.magic = 7; })
