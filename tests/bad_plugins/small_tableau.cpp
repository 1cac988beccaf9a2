// A tableau that ends before the 1.0 fields do.
#include "specimen.hpp"

constexpr odeon_tableau kTableau =
    specimen::changed(specimen::euler(), [](odeon_tableau& t) { t.struct_size = 16; });
constexpr odeon_solver_api kSolver = specimen::solver(&kTableau);
SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &kSolver, [](odeon_component&) {})
