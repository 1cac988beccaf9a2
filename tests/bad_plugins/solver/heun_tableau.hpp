// Heun's method of order 2 as a tableau, from which each specimen departs in one point.
#pragma once
#include "../specimen.hpp"

namespace specimen {

constexpr double kHeunA[] = {0, 0, 1, 0}, kHeunB[] = {0.5, 0.5}, kHeunC[] = {0, 1};

constexpr odeon_tableau heun() {
  return changed(euler(), [](odeon_tableau& t) {
    t.stages = t.order = 2;
    t.a = kHeunA, t.b = kHeunB, t.c = kHeunC;
  });
}

}  // namespace specimen

// The last argument changes it: [](odeon_tableau& t) { … }.
#define SPECIMEN_HEUN_TABLEAU(change)                                             \
  constexpr odeon_tableau kTableau = specimen::changed(specimen::heun(), change); \
  constexpr odeon_solver_api kTableauSolver = specimen::solver(&kTableau);        \
  SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &kTableauSolver, [](odeon_component&) {})
