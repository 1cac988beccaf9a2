// An explicit companion beside a method that is explicit itself.
#include "specimen.hpp"

constexpr odeon_tableau kTableau =
    specimen::changed(specimen::euler(), [](odeon_tableau& t) { t.a_explicit = specimen::kZero; });
constexpr odeon_solver_api kSolver = specimen::solver(&kTableau);
SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &kSolver, [](odeon_component&) {})
