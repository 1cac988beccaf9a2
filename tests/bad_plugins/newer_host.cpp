// Needs a host that does not exist yet.
#include "specimen.hpp"

constexpr odeon_component kSolver =
    specimen::component(ODEON_KIND_SOLVER, specimen::str("specimen"), &specimen::kSolver);
SPECIMEN_PLUGIN(kSolver, [](odeon_plugin& p) { p.need_host_minor = 99; })
