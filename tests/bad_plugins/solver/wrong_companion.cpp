// ARS(2,3,3) of Ascher, Ruuth and Spiteri (1997) with another last row of the explicit method, of the same
// sum.
#include "../specimen.hpp"

constexpr double g = 0.78867513459481287;  // (3 + sqrt(3)) / 6
constexpr double kA[] = {0, 0, 0, 0, g, 0, 0, 1 - 2 * g, g}, kExplicit[] = {0, 0, 0, g, 0, 0, 1 - g, 0, 0};
constexpr double kB[] = {0, 0.5, 0.5}, kC[] = {0, g, 1 - g};
constexpr odeon_tableau kTableau = specimen::changed(specimen::euler(), [](odeon_tableau& t) {
  t.stages = t.order = 3;
  t.a = kA, t.b = kB, t.c = kC, t.a_explicit = kExplicit;
});
constexpr odeon_solver_api kSolver = specimen::solver(&kTableau);
SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &kSolver, [](odeon_component&) {})
