// Bogacki and Shampine's 3(2) pair with two weights of the embedded row exchanged.
#include "../specimen.hpp"

constexpr double kA[] = {0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.75, 0, 0, 2. / 9, 1. / 3, 4. / 9, 0};
constexpr double kB[] = {2. / 9, 1. / 3, 4. / 9, 0}, kBHat[] = {7. / 24, 1. / 3, 1. / 4, 1. / 8};
constexpr double kC[] = {0, 0.5, 0.75, 1};
constexpr odeon_tableau kTableau = specimen::changed(specimen::euler(), [](odeon_tableau& t) {
  t.stages = 4, t.order = 3, t.embedded_order = 2;
  t.a = kA, t.b = kB, t.b_hat = kBHat, t.c = kC;
});
constexpr odeon_solver_api kSolver = specimen::solver(&kTableau);
SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &kSolver, [](odeon_component&) {})
