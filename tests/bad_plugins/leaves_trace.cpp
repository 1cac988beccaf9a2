// In order, with the same static constructor as missing_symbol: shows that the trace works.
#include "missing_symbol.cpp"
#include "specimen.hpp"

SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &specimen::kSolver, [](odeon_component&) {})
