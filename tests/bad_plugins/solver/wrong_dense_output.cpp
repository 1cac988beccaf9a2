// Heun's method with a straight line between the ends, which says that it has order 2.
#include "../specimen.hpp"

constexpr double kA[] = {0, 0, 1, 0}, kB[] = {0.5, 0.5}, kC[] = {0, 1}, kDense[] = {0.5, 0.5};
constexpr odeon_tableau kTableau = specimen::changed(specimen::euler(), [](odeon_tableau& t) {
  t.stages = 2, t.order = 2;
  t.a = kA, t.b = kB, t.c = kC;
  t.dense = kDense, t.dense_degree = 1, t.dense_order = 2;
});
constexpr odeon_solver_api kSolver = specimen::solver(&kTableau);
SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &kSolver, [](odeon_component&) {})
