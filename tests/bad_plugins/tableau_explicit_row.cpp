// A row of the explicit companion that does not sum to its node.
#include "specimen.hpp"

constexpr odeon_tableau kTableau = specimen::changed(specimen::euler(), [](odeon_tableau& t) {
  t.a = t.c = specimen::kOne;
  t.a_explicit = specimen::kZero;
});
constexpr odeon_solver_api kSolver = specimen::solver(&kTableau);
SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &kSolver, [](odeon_component&) {})
