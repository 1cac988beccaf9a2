// A component that ends before the 1.0 fields do.
#include "specimen.hpp"

SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &specimen::kSolver, [](odeon_component& c) { c.struct_size = 16; })
