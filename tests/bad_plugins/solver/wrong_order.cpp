// Heun's method of order 2, which says that it has order 3.
#include "../specimen.hpp"

constexpr double kA[] = {0, 0, 1, 0}, kB[] = {0.5, 0.5}, kC[] = {0, 1};
constexpr odeon_tableau kTableau = specimen::changed(specimen::euler(), [](odeon_tableau& t) {
  t.stages = 2, t.order = 3;
  t.a = kA, t.b = kB, t.c = kC;
});
constexpr odeon_solver_api kSolver = specimen::solver(&kTableau);
SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &kSolver, [](odeon_component&) {})
