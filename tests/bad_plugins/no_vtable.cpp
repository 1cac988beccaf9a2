// A component that can do nothing.
#include "specimen.hpp"

SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &specimen::kSolver, [](odeon_component& c) { c.vtable = nullptr; })
