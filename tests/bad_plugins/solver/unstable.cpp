// The theta method with theta = 1/4: implicit, of order 1, and unstable where implicit methods are used.
#include "../specimen.hpp"

constexpr double kA[] = {0.25}, kC[] = {0.25};
constexpr odeon_tableau kTableau =
    specimen::changed(specimen::euler(), [](odeon_tableau& t) { t.a = kA, t.c = kC; });
constexpr odeon_solver_api kSolver = specimen::solver(&kTableau);
SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &kSolver, [](odeon_component&) {})
