// A title of negative length.
#include "specimen.hpp"

SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &specimen::kSolver, [](odeon_component& c) { c.title.size = -1; })
