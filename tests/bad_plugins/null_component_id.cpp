// A component without an id.
#include "specimen.hpp"

SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &specimen::kSolver, [](odeon_component& c) { c.id = odeon::kNoText; })
