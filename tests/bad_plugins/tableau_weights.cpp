// Weights that do not sum to one.
#include "specimen.hpp"

constexpr odeon_tableau kTableau =
    specimen::changed(specimen::euler(), [](odeon_tableau& t) { t.b = specimen::kZero; });
constexpr odeon_solver_api kSolver = specimen::solver(&kTableau);
SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &kSolver, [](odeon_component&) {})
